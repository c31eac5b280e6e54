/* Regression from a CSV file: a column of numbers is predicted from the others, which may be
 * numbers or texts, and may have gaps.
 *
 *     regression_csv                       rents of flats, in a file that the program makes
 *     regression_csv houses.csv price      a file of yours, and the column to predict
 *
 * Saves the model, with what it must know of the columns, as regression.safetensors, and the table
 * with a column of predictions as predictions.csv. */
#include <candela.h>

/* Writes a table of 600 flats. Every tenth does not say how old it is. */
static bool write_flats(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) return cd_fail(CD_ERR_IO, "cannot write %s", path);
    static const char *const district[] = { "centre", "harbour", "north" };
    static const double factor[] = { 1.4, 1.2, 1 };
    fprintf(file, "area,rooms,age,district,rent\n");
    for (int i = 0; i < 600; i++) {
        CD_SCOPE();
        const double area = 25 + 100 * cd_item(cd_rand(CD_SCALAR));
        const int age = (int)(80 * cd_item(cd_rand(CD_SCALAR)));
        const int rooms = 1 + (int)(area / 30), where = i % 3;
        const double rent = (200 + 9 * area - 2 * age) * factor[where];
        fprintf(file, "%.0f,%d,", area, rooms);
        if (i % 10) fprintf(file, "%d", age);
        fprintf(file, ",%s,%.2f\n", district[where], rent + 20 * cd_item(cd_randn(CD_SCALAR)));
    }
    return fclose(file) == 0 || cd_fail(CD_ERR_IO, "cannot write %s", path);
}

int main(int argc, char **argv)
{
    if (argc != 1 && argc != 3) {
        fprintf(stderr, "usage: regression_csv [FILE COLUMN]\n");
        return 2;
    }
    cd_manual_seed(0);
    const char *path = argc == 3 ? argv[1] : "flats.csv", *label = argc == 3 ? argv[2] : "rent";
    if (argc == 1) write_flats(path);
    cd_table *table = cd_read_csv(path);
    if (!table) return cd_report(stderr);

    /* Four fifths of the rows, in random order, are to learn from. The encoder makes numbers around
     * 0 of all columns, by the means and deviations of these rows. */
    const int64_t rows = cd_table_rows(table), learned = rows * 4 / 5;
    const int64_t *order = cd_data(cd_randperm(rows));
    cd_encoder *encoder = cd_encoder_fit(table, .label = label, .task = CD_TABLE_REGRESSION,
                                         .rows = order, .row_count = learned, .fill_missing = true);
    cd_dataset *all = cd_dataset_from_table(encoder, table);
    if (!all) return cd_report(stderr);
    cd_dataset *train = cd_dataset_subset(all, order, learned);
    cd_dataset *test = cd_dataset_subset(all, order + learned, rows - learned);

    cd_module *model = cd_mlp(cd_encoder_input_count(encoder), 1, .hidden = (int64_t[]){ 32, 32 },
                              .hidden_count = 2);
    cd_fit(model, train, .optimizer = cd_optim_adam(model, .lr = 0.005), .epochs = 60);

    const cd_metric *const metrics[] = { &cd_r2, &cd_mae };
    double value[2] = { 0 };
    cd_evaluate(model, test, .metrics = metrics, .metric_count = 2, .values = value);
    const double unit = cd_encoder_label_column(encoder).std; /* of the label, in its own unit */
    if (cd_ok()) {
        printf("%lld rows, %lld inputs\n", (long long)rows,
               (long long)cd_encoder_input_count(encoder));
        printf("on rows that it has not seen: R2 %.3f, mean error %.4g\n", value[0],
               unit * value[1]);
    }

    /* The file has all that is needed to predict from another table with these columns. */
    const cd_card card = { .encoder = cd_encoder_to_json(encoder) };
    if (!cd_save_model(model, &card, "regression.safetensors")) return cd_report(stderr);
    cd_card *loaded_card;
    cd_module *loaded = cd_load_model("regression.safetensors", .card = &loaded_card);
    if (!loaded) return cd_report(stderr);
    cd_encoder *loaded_encoder = cd_encoder_from_json(loaded_card->encoder);

    CD_NO_GRAD();
    cd_tensor *x = NULL;
    cd_encoder_encode(loaded_encoder, table, &x, NULL);
    const cd_csv_column predicted = {
        .name = "predicted", .values = cd_encoder_decode(loaded_encoder, cd_forward(loaded, x))
    };
    cd_write_csv("predictions.csv", .table = table, .columns = &predicted, .column_count = 1);
    return cd_report(stderr);
}
