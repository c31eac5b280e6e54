/* Names that open no data set: the sentence says what stands there, which name may have been meant,
 * or where missing files can be had. */
#include "folders.h"

#include "io/dataset.h"

static const char *at(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

static void assert_unknown(const char *name, const char *sentence)
{
    cd_dataset_layout layout;
    assert_null(cd_dataset_open(name));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_false(cd_dataset_look(name, &layout));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
}

static void mistyped_names_are_offered_the_right_one(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *meant;
    } names[] = {
        { "fashion_mnist", "did you mean fashion-mnist?" },
        { "FashionMNIST", "did you mean fashion-mnist?" },
        { "Fashion-MNIST", "did you mean fashion-mnist?" },
        { "fashion mnist", "did you mean fashion-mnist?" },
        { "fashion-mnst", "did you mean fashion-mnist?" },
        { "fashion", "did you mean fashion-mnist?" },
        { "fmnist", "did you mean fashion-mnist?" },
        { "MNIST", "did you mean mnist?" },
        { "mnsit", "did you mean mnist?" },
        { "MNIST:/data/x", "did you mean mnist:/data/x?" },
        { "IDX:folder", "did you mean idx:folder?" },
        { "cifar-10:folder", "did you mean cifar10:folder?" },
        { "CIFAR100:folder", "did you mean cifar100:folder?" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_unknown(names[i].typed, names[i].meant);
    }
}

static void unlike_names_get_the_list(void **state)
{
    (void)state;
    static const char *const names[] = { "coco", "imagenet", "photos", "" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(cd_dataset_open(names[i]));
        assert_null(strstr(cd_error_message(), "did you mean"));
        assert_failed_with(CD_ERR_ARGUMENT,
                           "there is no such folder, and it is none of fashion-mnist (Debian's "
                           "package dataset-fashion-mnist has its files), mnist (its four files in "
                           "data/mnist), mnist:DIR and idx:DIR");
    }
}

static void a_path_gets_no_list_of_names(void **state)
{
    (void)state;
    static const char *const paths[] = { "no/such/mnist", "/data/photos", "photos/", "./fmnist" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char sentence[128];
        (void)snprintf(sentence, sizeof sentence, "data set \"%s\": there is no such folder",
                       paths[i]);
        assert_null(cd_dataset_open(paths[i]));
        assert_string_equal(cd_error_message(), sentence);
        cd_clear_error();
    }
}

static void a_file_is_no_data_set(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes, *sentence;
    } files[] = {
        { "a.zip", "PK\3\4 and so on", "this is a zip archive: unpack it, and name the folder" },
        { "photos", "PK\3\4 and so on", "this is a zip archive: unpack it" },
        { "a.tar.gz", "\x1f\x8b\x08", "this is a gzip archive: unpack it" },
        { "a.7z", "7z\xbc\xaf\x27\x1c", "this is a 7z archive: unpack it" },
        { "a.csv", "label,pixel\n", "this is a table, and a data set is" },
        { "a.NPZ", "PK\3\4", "this is a file of NumPy's arrays, and a data set is" },
        { "m.safetensors", "x", "this is a file of weights" },
        { "a.JPG", "\xff\xd8\xff", "this is a single picture" },
        { "a.webp", "RIFF", "this is a single picture" },
        { "t10k-images-idx3-ubyte", "x", "this is one IDX file: name the folder that it lies in" },
        { "train-labels-idx1-ubyte.gz", "\x1f\x8b", "this is one IDX file: name the folder" },
        { "notes", "hello", "this is a file, and a data set is a folder of photographs" },
        { "empty", "", "this is a file, and a data set is" },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_unknown(test_write(files[i].name, files[i].bytes, strlen(files[i].bytes)),
                       files[i].sentence);
    }
    char tar[512] = "photos/";
    memcpy(tar + 257, "ustar", 5);
    assert_unknown(test_write("a.tar", tar, sizeof tar), "this is a tar archive");
    assert_unknown("/dev/null", "this is neither a folder nor a file");
    assert_unknown(test_write("x", "x", 1), "this is a file");
    assert_null(cd_dataset_open(at("x/below")));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no such folder");
    cd_dataset_layout layout;
    assert_false(cd_dataset_look(NULL, &layout));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_look: the name is NULL");
    assert_false(cd_dataset_look("mnist", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_look: the result is NULL");
}

/* --- sets whose files are missing ------------------------------------------------------------- */

static void missing_mnist_says_what_is_wanted_and_where(void **state)
{
    (void)state;
    if (access("/usr/share/datasets/mnist", F_OK) == 0) skip();
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test_folder()), 0); /* where there is no data/mnist */
    assert_null(cd_dataset_open("mnist"));
    assert_int_equal(chdir(before), 0);
    assert_non_null(strstr(cd_error_message(), "t10k-labels-idx1-ubyte.gz there, or name their "
                                               "folder: mnist:DIR"));
    assert_non_null(
        strstr(cd_error_message(), "torchvision's download leaves them in ROOT/MNIST/raw"));
    assert_failed_with(CD_ERR_IO,
                       "train-images-idx3-ubyte.gz is neither in /usr/share/datasets/mnist "
                       "nor in data/mnist: put train-images-idx3-ubyte.gz, "
                       "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and");
}

static void missing_folders_are_said(void **state)
{
    (void)state;
    char name[600];
    (void)snprintf(name, sizeof name, "mnist:%s", at("none"));
    assert_null(cd_dataset_open(name));
    assert_failed_with(CD_ERR_IO, "data set mnist: there is no folder /");
    (void)snprintf(name, sizeof name, "idx:%s", test_write("file", "x", 1));
    assert_null(cd_dataset_open(name));
    assert_failed_with(CD_ERR_IO, "data set idx: there is no folder /");
}

/* torchvision's datasets.MNIST(ROOT) has them two levels below ROOT. */
static void files_that_lie_deeper_are_named(void **state)
{
    (void)state;
    touch("MNIST/raw/train-images-idx3-ubyte");
    char name[600], sentence[700];
    (void)snprintf(name, sizeof name, "mnist:%s", test_folder());
    (void)snprintf(sentence, sizeof sentence, "the files lie deeper: name mnist:%s/MNIST/raw",
                   test_folder());
    assert_null(cd_dataset_open(name));
    assert_failed_with(CD_ERR_IO, sentence);
}

static void a_folder_may_begin_as_a_kind_does(void **state)
{
    (void)state;
    static const char *const names[] = { "mnist-photos", "idx2", "fashion-mnist.old" };
    TOUCH("mnist-photos/a/1.jpg", "idx2/a/1.jpg", "fashion-mnist.old/a/1.jpg");
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CD_SCOPE();
        assert_int_equal(chdir(test_folder()), 0);
        cd_dataset *d = cd_dataset_open(names[i]);
        assert_int_equal(chdir(before), 0);
        assert_ok();
        assert_int_equal(cd_dataset_count(d), 1);
        assert_string_equal(cd_dataset_class_name(d, 0), "a");
    }
}

static void idx_files_are_train_and_test(void **state)
{
    (void)state;
    TOUCH("one/train-images-idx3-ubyte", "two/train-images-idx3-ubyte",
          "two/t10k-images-idx3-ubyte.gz");
    char name[600];
    cd_dataset_layout has;
    (void)snprintf(name, sizeof name, "idx:%s", at("one"));
    assert_true(cd_dataset_look(name, &has));
    assert_true(has.train && !has.test && !has.val && !has.photographs);
    (void)snprintf(name, sizeof name, "mnist:%s", at("two"));
    assert_true(cd_dataset_look(name, &has));
    assert_true(has.train && has.test && !has.val && !has.photographs);
    (void)snprintf(name, sizeof name, "mnist:%s", test_folder());
    assert_false(cd_dataset_look(name, &has));
    assert_failed_with(CD_ERR_IO, "holds no train-images-idx3-ubyte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mistyped_names_are_offered_the_right_one),
        TEST(unlike_names_get_the_list),
        TEST(a_path_gets_no_list_of_names),
        TEST(a_file_is_no_data_set),
        TEST(missing_mnist_says_what_is_wanted_and_where),
        TEST(missing_folders_are_said),
        TEST(files_that_lie_deeper_are_named),
        TEST(a_folder_may_begin_as_a_kind_does),
        TEST(idx_files_are_train_and_test),
    };
    return RUN(tests);
}
