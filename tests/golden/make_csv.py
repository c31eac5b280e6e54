"""The same small table in the dialects of programs that write CSV files, into tests/golden/csv/.

    python make_csv.py

pandas.csv is written by pandas itself, with its index. The others are what these programs write by their
documentation: R's write.csv (row names, texts in quotes, NA), Excel's "CSV UTF-8" in an English and in a German
locale (a byte order mark, CRLF, there semicolons and decimal commas), and LibreOffice Calc with all texts quoted and
a tab between fields. The data are made up.
"""

import pathlib

import numpy as np
import pandas as pd

folder = pathlib.Path(__file__).parent / "csv"
random = np.random.default_rng(13)
rows = 12
frame = pd.DataFrame({
    "area": (random.uniform(30, 200, rows)).round(1),
    "town": random.choice(["Ulm", "Bad Tölz", "Frankfurt, Main", 'The "Hook"'], rows),
    "rooms": random.integers(1, 7, rows),
    "price": (random.uniform(1e5, 9e5, rows)).round(2),
})
frame.loc[3, "area"] = np.nan


def lines(row, header, end, separator):
    text = separator.join(header) + end
    for i in range(rows):
        text += separator.join(row(i, *frame.iloc[i])) + end
    return text


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def bare(text, separator):
    return quoted(text) if separator in text or '"' in text else text


def number(value, missing="", comma="."):
    return missing if np.isnan(value) else repr(float(value)).removesuffix(".0").replace(".", comma)


names = list(frame.columns)
frame.to_csv(folder / "pandas.csv")
files = {
    "r.csv": lines(lambda i, a, t, r, p: [quoted(str(i + 1)), number(a, "NA"), quoted(t), str(r), number(p)],
                   ['""', *map(quoted, names)], "\n", ","),
    "excel.csv": "\ufeff" + lines(lambda i, a, t, r, p: [number(a), bare(t, ","), str(r), number(p)],
                                  names, "\r\n", ","),
    "excel_german.csv": "\ufeff" + lines(
        lambda i, a, t, r, p: [number(a, "", ","), bare(t, ";"), str(r), number(p, "", ",")], names, "\r\n", ";"),
    "calc.csv": lines(lambda i, a, t, r, p: [number(a), quoted(t), str(r), number(p)],
                      list(map(quoted, names)), "\n", "\t"),
}
for name, text in files.items():
    (folder / name).write_bytes(text.encode())
