"""Counts of samples that agree and disagree, as op_samples.py, module_samples.py and optim_samples.py print
them."""
import collections
import re


class Counts:
    """The kinds of outcomes, "agree" and others, of samples that have a name: of an op or class."""

    def __init__(self, driver, options, kinds):
        self.driver, self.options, self.kinds = driver, options, kinds
        self.table = collections.defaultdict(collections.Counter)
        self.lines = []
        self.differences = collections.Counter()  # by name, own text and right text; they count as agreement
        self.left_out = collections.Counter()

    def add(self, name, kind, what, call):
        self.table[name][kind] += 1
        if kind != "agree" and self.options.kind in (None, kind):
            self.lines.append((kind, name, what, call))

    def settle(self, name, answer, error, call):
        """Counts an answer that has no results, or that should have none: `error` is what PyTorch says. Returns
        whether it did."""
        first, _, rest = (answer or "").partition(" ")
        if answer is None:
            self.add(name, "crash", "the driver ended", call)
        elif first == "lacking" and error:
            self.left_out["refused by PyTorch, and cannot be written for Candela"] += 1
        elif first == "lacking":
            self.add(name, "lacking", rest, call)
        elif first == "error":
            self.add(name, *(("agree", "") if error else ("refused", rest)), call)
        elif error:
            self.add(name, "accepted", error, call)
        else:
            return False
        return True

    def list(self, of):
        """Every disagreement of the kind that was asked for; else one for each kind, name and cause. `of` says
        what the differences are of."""
        groups = collections.defaultdict(list)
        for kind, name, what, call in sorted(self.lines, key=lambda line: self.kinds.index(line[0])):
            cause = re.sub(r"-?[0-9][0-9a-fx.+-]*|nan|inf|\([^)]*\)", "#", what)
            groups[(kind, name, cause, call if self.options.kind else "")].append((what, call))
        for (kind, name, _, _), found in groups.items():
            print(f"{kind}: {name} ({len(found)}): {found[0][0]}\n    {found[0][1]}")
        for (name, own, right), n in sorted(self.differences.items()):
            print(f"{of}: {name} ({n}): {own}, not {right}")

    def report(self, title, lines=()):
        """The table, and the total with these lines behind it. `title` heads the names: op, module, class."""
        total = sum(self.table.values(), collections.Counter())
        width = max([len(title), *map(len, self.table)]) + 2
        if self.options.report:
            print(f"{title:{width}}" + "".join(f"{k:>9}" for k in self.kinds))
            for name in sorted(self.table):
                print(f"{name:{width}}" + "".join(f"{self.table[name][k] or '':>9}" for k in self.kinds))
        print(f"{'total':{width}}" + "".join(f"{total[k]:>9}" for k in self.kinds))
        count = sum(total.values())
        shares = [c["agree"] / sum(c.values()) for c in self.table.values()] or [0]
        print(f"{total['agree']} of {count} samples agree, {100 * total['agree'] / max(count, 1):.2f} %; the mean "
              f"by {title} is {100 * sum(shares) / len(shares):.2f} %; {shares.count(1)} of {len(shares)} agree in all")
        for line in lines:
            print(line)
        for why, n in sorted(self.left_out.items()):
            print(f"left out: {n}, {why}")
