/* Loads a saved model, and evaluates it on pictures:
 *
 *     load_and_evaluate lenet.safetensors fashion-mnist
 *
 * The file says what the model is, what its classes are called and how pictures become numbers, so
 * nothing else is needed. Data sets are named as for cd_dataset_open. */
#include <candela.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: load_and_evaluate MODEL DATA\n");
        return 2;
    }
    cd_card *card;
    cd_module *model = cd_load_model(argv[1], .card = &card);
    if (!model) return cd_report(stderr);
    cd_dataset *test = cd_dataset_open(argv[2], .split = CD_TEST, .preprocess = &card->preprocess);

    if (!cd_card_fits(card, test)) return cd_report(stderr); /* a model of other classes */

    const cd_metric *const metrics[] = { &cd_accuracy, &cd_top5, &cd_f1 };
    double loss, value[3];
    if (!cd_evaluate(model, test, .loss_value = &loss, .metrics = metrics, .metric_count = 3,
                     .values = value)) {
        return cd_report(stderr);
    }
    printf("%lld samples of %lld classes\n", (long long)cd_dataset_count(test),
           (long long)cd_dataset_class_count(test));
    printf("loss %.4f, accuracy %.4f, top 5 %.4f, F1 %.4f\n", loss, value[0], value[1], value[2]);
    return 0;
}
