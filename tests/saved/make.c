/* make FOLDER: writes the files that test_saved_files.c opens, and the data set "set", on which
 * make.sh trains a model with the program. Prints the numbers that test_saved_files.c expects. */
#include <sys/stat.h>
#include <unistd.h>

#include "saved.h"

static const char *folder;

static const char *in_folder(const char *name)
{
    static char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Prints 9 digits, which is enough to read the same floats back. */
static void print(const char *name, cd_tensor *t)
{
    float values[128];
    int64_t count = cd_numel(t);
    if (!cd_read(t, values, sizeof *values * (size_t)count)) return;
    printf("%s:", name);
    for (int64_t i = 0; i < count; i++) printf(" %.9g", (double)values[i]);
    printf("\n");
}

static bool round_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)user;
    float values[256];
    size_t count = (size_t)cd_numel(t);
    if (kind != CD_PARAMETER) return true;
    if (!cd_read(t, values, sizeof *values * count)) return false;
    for (size_t i = 0; i < count; i++) values[i] = rintf(64 * values[i]) / 64;
    return cd_write(t, values, sizeof *values * count);
}

/* Rounds all parameters to multiples of 1/64. */
static bool round_parameters(cd_module *m)
{
    CD_NO_GRAD();
    return cd_visit(m, round_one, NULL);
}

static void train(cd_module *m)
{
    cd_optimizer *sgd = cd_optim_sgd(m, .lr = 0.05, .momentum = 0.9);
    cd_tensor *x = cd_randn(CD_SHAPE(16, 12)), *label = cd_randint(0, 3, CD_SHAPE(16));
    for (int i = 0; i < 20 && cd_ok(); i++) {
        CD_SCOPE();
        cd_zero_grad(sgd);
        cd_backward(cd_cross_entropy(cd_forward(m, x), label));
        cd_step(sgd);
    }
}

static void make_models(void)
{
    CD_SCOPE();
    cd_module *plain = cd_make_model("mlp", saved_plain_card.options);
    (void)round_parameters(plain);
    (void)cd_save_model(plain, &saved_plain_card, in_folder("plain.safetensors"));
    print("plain", cd_forward(plain, saved_input(CD_SHAPE(2, 6))));
    cd_module *full = cd_make_model("mlp", saved_full_card.options);
    train(full);
    (void)round_parameters(full);
    (void)cd_save_model(full, &saved_full_card, in_folder("card.safetensors"));
    print("card", cd_forward(full, saved_input(CD_SHAPE(2, 12))));
}

static void make_batch_norm(void)
{
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = saved_batch_norm_new();
    (void)round_parameters(m);
    for (int i = 0; i < 3; i++) (void)cd_forward(m, cd_randn(CD_SHAPE(2, 1, 5, 5)));
    (void)cd_eval(m);
    (void)cd_save(m, in_folder("batch_norm.safetensors"));
    print("batch_norm", cd_forward(m, saved_input(CD_SHAPE(2, 1, 5, 5))));
    print("running_mean", cd_module_tensor(m, "1.running_mean"));
    print("running_var", cd_module_tensor(m, "1.running_var"));
}

static void make_dtypes(void)
{
    CD_SCOPE();
    cd_module *m = saved_dtypes_new();
    for (int i = 0; i < SAVED_DTYPES; i++) {
        cd_tensor *t = cd_module_tensor(m, saved_dtypes[i].name);
        (void)cd_write(t, saved_dtypes[i].values, saved_dtypes[i].bytes);
    }
    (void)cd_save(m, in_folder("dtypes.safetensors"));
}

static void make_shared(void)
{
    CD_SCOPE();
    cd_module *m = saved_shared_new();
    (void)round_parameters(m);
    (void)cd_save(m, in_folder("shared.safetensors"));
    print("shared weight", cd_module_tensor(m, "second.weight"));
    print("shared bias", cd_module_tensor(m, "second.bias"));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make FOLDER\n");
        return 2;
    }
    folder = argv[1];
    cd_manual_seed(0);
    make_models();
    make_batch_norm();
    make_dtypes();
    make_shared();
    if ((mkdir(in_folder("set"), 0777) && access(in_folder("set"), W_OK)) ||
        !saved_write_set(in_folder("set"))) {
        fprintf(stderr, "make: %s cannot be written\n", in_folder("set"));
        return 1;
    }
    return cd_report(stderr);
}
