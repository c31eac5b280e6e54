/* Which folders of a set of photographs are splits and which are classes, what is refused because
 * it could be either, and the warnings about a set. */
#include "folders.h"

#include "core/memory_internal.h"
#include "core/scope.h"
#include "io/dataset.h"

/* --- the logger ------------------------------------------------------------------------------- */

/* All lines since `logged` was last emptied. */
static char logged[4096];

static void note(cd_log_level level, const char *message, void *user)
{
    (void)level;
    (void)user;
    size_t used = strlen(logged);
    (void)snprintf(logged + used, sizeof logged - used, "%s\n", message);
}

static cd_dataset *open_logged(cd_dataset_split split)
{
    logged[0] = '\0';
    cd_set_logger(note, NULL);
    cd_dataset *d = cd_dataset_open(test_folder(), .split = split);
    cd_set_logger(NULL, NULL);
    return d;
}

static void assert_logged(const char *text)
{
    assert_that(strstr(logged, text) != NULL, "\"%s\" is not in \"%s\"", text, logged);
}

/* --- asserts ---------------------------------------------------------------------------------- */

/* The split opens with this name and so many pictures, which are below `folder`. */
static void assert_split(cd_dataset_split split, const char *name, const char *folder,
                         int64_t count)
{
    CD_SCOPE();
    char below[512];
    (void)snprintf(below, sizeof below, "%s/%s/", test_folder(), folder);
    cd_dataset *d = cd_dataset_open(test_folder(), .split = split);
    assert_that(d != NULL, "%s", cd_error_message());
    assert_string_equal(cd_dataset_split_name(d), name);
    assert_true(cd_dataset_is_split(d));
    assert_int_equal(cd_dataset_count(d), count);
    assert_int_equal(strncmp(cd_dataset_path(d, 0), below, strlen(below)), 0);
}

/* Whatever split is asked for, the set is whole and has these classes; the list ends in NULL. */
static void assert_class_list(const char *const *names)
{
    for (int split = CD_TRAIN; split <= CD_VAL; split++) {
        CD_SCOPE();
        cd_dataset *d = cd_dataset_open(test_folder(), .split = (cd_dataset_split)split);
        assert_that(d != NULL, "%s", cd_error_message());
        assert_string_equal(cd_dataset_split_name(d), "all");
        assert_false(cd_dataset_is_split(d));
        int64_t count = cd_dataset_class_count(d);
        for (int64_t k = 0; k < count; k++) {
            assert_non_null(names[k]);
            assert_string_equal(cd_dataset_class_name(d, k), names[k]);
        }
        assert_null(names[count]);
    }
}
#define assert_classes(...) assert_class_list((const char *const[]){ __VA_ARGS__, NULL })

/* The folder is refused for each split, and by cd_dataset_look. */
static void assert_refused(const char *sentence)
{
    for (int split = CD_TRAIN; split <= CD_VAL; split++) {
        assert_null(cd_dataset_open(test_folder(), .split = (cd_dataset_split)split));
        assert_failed_with(CD_ERR_FORMAT, sentence);
    }
    cd_dataset_layout layout = { .test = true };
    assert_false(cd_dataset_look(test_folder(), &layout));
    assert_failed_with(CD_ERR_FORMAT, sentence);
    assert_true(layout.test && !layout.train);
}

/* --- splits by the names people use ----------------------------------------------------------- */

static void splits_are_known_by_the_names_people_use(void **state)
{
    (void)state;
    static const struct {
        const char *train, *other, *name;
    } used[] = {
        { "train", "val", "val" },         { "train", "valid", "val" },
        { "train", "validation", "val" },  { "Training", "Validation", "val" },
        { "TRAIN", "VALID", "val" },       { "train", "test", "test" },
        { "Training", "Testing", "test" }, { "training", "TEST", "test" },
    };
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        char name[3][64], from[512], to[600];
        (void)snprintf(name[0], sizeof name[0], "%zu/%s/ants/1.jpg", i, used[i].train);
        (void)snprintf(name[1], sizeof name[1], "%zu/%s/bees/1.jpg", i, used[i].train);
        (void)snprintf(name[2], sizeof name[2], "%zu/%s/ants/2.jpg", i, used[i].other);
        TOUCH(name[0], name[1], name[2]);
        (void)snprintf(from, sizeof from, "%s/%zu", test_folder(), i);
        CD_SCOPE();
        cd_dataset *train = cd_dataset_open(from), *val = cd_dataset_open(from, .split = CD_VAL),
                   *test = cd_dataset_open(from, .split = CD_TEST);
        assert_that(train && val && test, "%s", cd_error_message());
        assert_string_equal(cd_dataset_split_name(train), "train");
        assert_int_equal(cd_dataset_class_count(train), 2);
        assert_string_equal(cd_dataset_class_name(train, 0), "ants");
        assert_string_equal(cd_dataset_split_name(val), used[i].name);
        assert_string_equal(cd_dataset_split_name(test), used[i].name);
        (void)snprintf(to, sizeof to, "%s/%s/ants/2.jpg", from, used[i].other);
        assert_string_equal(cd_dataset_path(test, 0), to);
    }
}

static void each_split_is_the_one_that_is_named(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "train/b/2.jpg", "val/a/1.jpg", "val/b/1.jpg",
          "test/a/1.jpg");
    assert_split(CD_TRAIN, "train", "train", 3);
    assert_split(CD_VAL, "val", "val", 2);
    assert_split(CD_TEST, "test", "test", 1);
    cd_dataset_layout has;
    assert_true(cd_dataset_look(test_folder(), &has));
    assert_true(has.photographs && has.train && has.val && has.test);
    assert_null(cd_dataset_open(test_folder(), .split = (cd_dataset_split)3));
    assert_failed_with(CD_ERR_ARGUMENT, "split 3 is none of CD_TRAIN, CD_VAL and CD_TEST");
}

static void a_missing_split_is_stood_in_for(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "val/a/1.jpg");
    assert_split(CD_TEST, "val", "val", 1);
    cd_dataset_layout has;
    assert_true(cd_dataset_look(test_folder(), &has));
    assert_true(has.train && has.val && !has.test);
}

/* As when the photographs are on a shared disk. */
static void a_split_may_be_a_link(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("elsewhere/a/1.jpg", "set/val/a/1.jpg");
    link_to("../elsewhere", "set/train");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/set", test_folder());
    cd_dataset *d = cd_dataset_open(path);
    assert_that(d != NULL, "%s", cd_error_message());
    assert_string_equal(cd_dataset_split_name(d), "train");
}

static void the_shared_photographs_come_in_splits(void **state)
{
    (void)state;
    const char *train = test_shared("data/hymenoptera/train");
    link_to(train, "Training");
    link_to(test_shared("data/hymenoptera/val"), "valid");
    assert_split(CD_TRAIN, "train", "Training", 244);
    assert_split(CD_VAL, "val", "valid", 153);
}

/* --- two folders for one split, and a split without the others -------------------------------- */

static void one_split_under_two_names_is_refused(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "val/a/1.jpg", "valid/a/1.jpg");
    assert_refused("val/ and valid/ are both names of the val split: rename one of them");
}

static void a_split_and_a_link_to_it_are_one(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "validation/a/1.jpg");
    link_to("validation", "val");
    assert_split(CD_VAL, "val", "val", 1);
}

static void names_that_differ_by_case_are_refused(void **state)
{
    (void)state;
    TOUCH("Train/a/1.jpg", "val/a/1.jpg");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/train", test_folder());
    if (mkdir(path, 0700) != 0) skip(); /* the same folder, where case does not count */
    assert_refused("Train/ and train/ are both names of the train split");
}

static void a_split_alone_is_refused(void **state)
{
    (void)state;
    touch("train/a/1.jpg");
    assert_refused("there is train/ and no val/ or test/ beside it: add that, or name ");
}

static void splits_without_train_are_refused(void **state)
{
    (void)state;
    TOUCH("valid/a/1.jpg", "test/a/1.jpg");
    assert_refused("there is test/ and no train/ beside it: add that, or name ");
}

static void a_link_that_leads_nowhere_is_said(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "test/a/1.jpg");
    link_to("/no/such/folder", "val");
    assert_refused("val is a link that leads nowhere");
}

/* --- folders beside splits -------------------------------------------------------------------- */

static void a_split_under_another_name_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "dev", "eval", "holdout", "test_set", "val2" };
    TOUCH("train/ants/1.jpg", "train/bees/1.jpg", "val/ants/1.jpg", "val/bees/1.jpg");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[64], sentence[256], path[512];
        (void)snprintf(file, sizeof file, "%s/bees/1.jpg", names[i]);
        touch(file);
        (void)snprintf(
            sentence, sizeof sentence,
            "%s/ stands beside train/ and holds folders of the same names (\"bees\"), but "
            "it is not called as a split is (train, val, test)",
            names[i]);
        assert_refused(sentence);
        char hidden[512];
        (void)snprintf(path, sizeof path, "%s/%s", test_folder(), names[i]);
        (void)snprintf(hidden, sizeof hidden, "%s/.%zu", test_folder(), i);
        assert_int_equal(rename(path, hidden), 0);
    }
    touch("test/bees/1.jpg"); /* sorts before train/, which the sentence names all the same */
    touch("hold/bees/1.jpg");
    assert_refused("hold/ stands beside train/");
    touch("eval/eval/ants/1.jpg"); /* a level deeper, as some archives have it */
    assert_refused("eval/ stands beside train/");
}

static void other_folders_beside_splits_are_said(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("train/a/1.jpg", "val/a/1.jpg", "docs/readme.txt", "unlabeled/1.jpg", ".git/a/1.jpg",
          "__MACOSX/a/._1.jpg");
    assert_int_equal(cd_dataset_count(open_logged(CD_TRAIN)), 1);
    assert_logged("beside the splits there are \"docs\", \"unlabeled\", which are not used");
    assert_null(strstr(logged, "git"));
    assert_null(strstr(logged, "MACOSX"));
    assert_non_null(open_logged(CD_VAL)); /* the warning is not repeated */
    assert_string_equal(logged, "");
}

/* --- train/ that is a class ------------------------------------------------------------------- */

static void train_may_be_a_class(void **state)
{
    (void)state;
    TOUCH("car/1.jpg", "plane/1.jpg", "train/1.jpg");
    assert_classes("car", "plane", "train");
    touch("train/steam/2.jpg"); /* with a folder besides */
    assert_classes("car", "plane", "train");
}

/* The folder could be a split whose other splits are missing; the sentence says how to make it a
 * class. */
static void train_of_folders_beside_classes_is_refused(void **state)
{
    (void)state;
    TOUCH("car/1.jpg", "plane/1.jpg", "train/steam/1.jpg", "train/diesel/1.jpg");
    assert_refused("there is train/ and no val/ or test/ beside it");
    assert_null(cd_dataset_open(test_folder()));
    assert_failed_with(CD_ERR_FORMAT,
                       "if \"train\" is a class, put its pictures directly into that "
                       "folder");
}

static void stray_pictures_do_not_make_splits_classes(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "train/preview.jpg", "val/a/1.jpg", "val/b/1.jpg",
          "val/preview.jpg");
    assert_split(CD_TRAIN, "train", "train", 2);
}

/* --- splits without classes ------------------------------------------------------------------- */

static void flat_splits_are_no_classes(void **state)
{
    (void)state;
    TOUCH("train/1.jpg", "val/1.jpg");
    assert_refused("train/ and val/ hold pictures and no folder for each class: sort them into "
                   "train/CLASS/ and val/CLASS/");
}

static void a_flat_split_alone_is_no_class(void **state)
{
    (void)state;
    touch("train/1.jpg");
    assert_refused("train/ is all there is, and it holds pictures and no folder for each class");
}

/* As ImageNet's val/ comes, or test pictures without labels: the other splits can be used. */
static void a_flat_split_is_said_when_it_is_opened(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "val/a/1.jpg", "test/1.jpg");
    assert_split(CD_TRAIN, "train", "train", 1);
    assert_split(CD_VAL, "val", "val", 1);
    assert_null(cd_dataset_open(test_folder(), .split = CD_TEST));
    assert_failed_with(CD_ERR_FORMAT,
                       "test/ holds pictures and no folder for each class: sort them");
}

static void an_empty_split_is_said(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "val/");
    assert_split(CD_TRAIN, "train", "train", 1);
    assert_null(cd_dataset_open(test_folder(), .split = CD_VAL));
    assert_failed_with(CD_ERR_FORMAT, "/val: there is no class in it");
}

static void an_empty_class_of_a_split_is_named(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/");
    assert_null(cd_dataset_open(test_folder(), .split = CD_VAL));
    assert_failed_with(CD_ERR_FORMAT, "/val: the class \"b\" has no picture");
}

/* --- a level too many ------------------------------------------------------------------------- */

static void splits_a_level_deeper_are_named(void **state)
{
    (void)state;
    TOUCH("dataset/photos/train/a/1.jpg", "dataset/photos/val/a/1.jpg", "readme.txt");
    char sentence[512];
    (void)snprintf(sentence, sizeof sentence, "its splits lie deeper: name %s/dataset/photos",
                   test_folder());
    assert_refused(sentence);
}

static void classes_a_level_deeper_are_named(void **state)
{
    (void)state;
    TOUCH("photos/ants/1.jpg", "photos/bees/1.jpg");
    char sentence[512];
    (void)snprintf(sentence, sizeof sentence,
                   "it holds a single folder and no picture: name %s/photos, if the folders there "
                   "are the classes",
                   test_folder());
    assert_refused(sentence);
}

static void a_split_that_holds_itself_is_said(void **state)
{
    (void)state;
    TOUCH("train/train/a/1.jpg", "train/train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg");
    assert_refused(
        "train/ holds a single folder, \"train\", and that holds folders and no pictures");
}

static void splits_below_the_classes_are_refused(void **state)
{
    (void)state;
    TOUCH("bottle/train/1.png", "bottle/test/2.png", "cable/train/1.png", "cable/test/2.png");
    assert_refused("bottle/ holds splits of its own (\"test\", \"train\")");
}

/* They may be splits under unknown names. */
static void folders_of_the_same_names_are_refused(void **state)
{
    (void)state;
    TOUCH("seg_train/seg_train/sea/1.jpg", "seg_train/seg_train/street/1.jpg",
          "seg_test/seg_test/sea/1.jpg", "seg_test/seg_test/street/1.jpg");
    assert_refused(
        "seg_test/ and seg_train/ hold no pictures but folders of the same names (\"sea\", "
        "\"street\"): if they are splits, call them train/, val/ or test/");
    touch("seg_test/1.jpg"); /* with a picture of its own it is a class */
    assert_classes("seg_test", "seg_train");
}

static void classes_of_folders_are_said(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("n01/images/1.jpg", "n02/images/1.jpg", "n03/1.jpg");
    assert_int_equal(cd_dataset_class_count(open_logged(CD_TRAIN)), 3);
    assert_logged(
        "the class \"n01\" holds folders and no pictures of its own: those below it are its "
        "pictures (2 of 3 classes are like that)");
}

/* --- other warnings --------------------------------------------------------------------------- */

static void train_alone_says_what_stands_beside_it(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "valid/a/1.jpg");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/train", test_folder());
    logged[0] = '\0';
    cd_set_logger(note, NULL);
    cd_dataset *d = cd_dataset_open(path);
    (void)cd_dataset_open(path, .split = CD_TEST);
    cd_set_logger(NULL, NULL);
    assert_int_equal(cd_dataset_class_count(d), 2);
    assert_logged(
        "/train: valid/ stands beside it and is not used: name the folder that holds both");
    assert_null(strstr(strstr(logged, "beside it") + 1, "beside it"));
}

/* Only a set opened as train/ gets the warning. */
static void other_folders_may_stand_beside_splits(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("train/a/1.jpg", "valid/a/1.jpg", "more/a/1.jpg", "more/b/1.jpg");
    static const char *const names[] = { "more", "valid" };
    logged[0] = '\0';
    cd_set_logger(note, NULL);
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", test_folder(), names[i]);
        assert_non_null(cd_dataset_open(path));
    }
    cd_set_logger(NULL, NULL);
    assert_string_equal(logged, "");
}

static void classes_that_differ_by_case_are_said(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("Ants/1.jpg", "bees/1.jpg");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/ants", test_folder());
    if (mkdir(path, 0700) != 0) skip();
    touch("ants/1.jpg");
    assert_int_equal(cd_dataset_class_count(open_logged(CD_TRAIN)), 3);
    assert_logged("\"Ants\" and \"ants\" differ in capital letters only, and are two classes");
}

static void pictures_of_other_formats_are_named(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("a/1.jpg", "a/2.gif", "a/Thumbs.db", "a/.DS_Store", "a/notes.txt", "b/1.jpg", "b/2.webp",
          "b/3.HEIC", "b/4.jfif");
    cd_dataset *d = open_logged(CD_TRAIN);
    assert_logged(
        ": 4 files are ignored, because only .jpg, .jpeg, .png and .bmp are read: a/2.gif (GIF), "
        "b/2.webp (WebP), b/3.HEIC (HEIC), ...");
    assert_null(strstr(logged, "Thumbs"));
    assert_int_equal(cd_dataset_ignored(d), 7);
    assert_int_equal(cd_dataset_unread_count(d), 4);
    assert_non_null(strstr(cd_dataset_unread_path(d, 3), "/b/4.jfif"));
    assert_null(cd_dataset_unread_path(d, 4));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_unread_path: there is no unread file 4");
}

static void three_pictures_of_other_formats_are_named_all(void **state)
{
    (void)state;
    CD_SCOPE();
    TOUCH("a/1.jpg", "a/2.gif", "b/1.jpg", "b/2.webp", "b/3.HEIC");
    assert_int_equal(cd_dataset_unread_count(open_logged(CD_TRAIN)), 3);
    assert_logged("a/2.gif (GIF), b/2.webp (WebP), b/3.HEIC (HEIC)");
    assert_null(strstr(logged, "..."));
}

/* --- without memory --------------------------------------------------------------------------- */

static int allocations_left;

static bool fail_when_none_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

/* Sets with which all checks and warnings take memory. */
static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    TOUCH("set/train/a/1.jpg", "set/train/b/below/1.jpg", "set/val/a/1.jpg", "set/val/b/1.gif",
          "set/val/b/1.jpg", "set/other/c/d/1.jpg", "train/A/1.jpg", "train/b/x/1.jpg",
          "val/a/1.jpg");
    static const char *const folders[] = { "set", "train", "set/train" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", test_folder(), folders[i]);
        int k = 0;
        for (bool done = false; !done; k++) {
            CD_SCOPE();
            assert_true(k < 1000);
            int64_t blocks = cd_memory_stats().blocks_in_use;
            allocations_left = k;
            cd_memory_fault_hook = fail_when_none_left;
            done = cd_dataset_open(path) != NULL;
            cd_memory_fault_hook = NULL;
            if (done) break;
            assert_failed_with(CD_ERR_MEMORY, "out of memory");
            assert_int_equal(cd_memory_stats().blocks_in_use, blocks);
        }
        assert_true(k > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(splits_are_known_by_the_names_people_use),
        TEST(each_split_is_the_one_that_is_named),
        TEST(a_missing_split_is_stood_in_for),
        TEST(a_split_may_be_a_link),
        TEST(the_shared_photographs_come_in_splits),
        TEST(one_split_under_two_names_is_refused),
        TEST(a_split_and_a_link_to_it_are_one),
        TEST(names_that_differ_by_case_are_refused),
        TEST(a_split_alone_is_refused),
        TEST(splits_without_train_are_refused),
        TEST(a_link_that_leads_nowhere_is_said),
        TEST(a_split_under_another_name_is_refused),
        TEST(other_folders_beside_splits_are_said),
        TEST(train_may_be_a_class),
        TEST(train_of_folders_beside_classes_is_refused),
        TEST(stray_pictures_do_not_make_splits_classes),
        TEST(flat_splits_are_no_classes),
        TEST(a_flat_split_alone_is_no_class),
        TEST(a_flat_split_is_said_when_it_is_opened),
        TEST(an_empty_split_is_said),
        TEST(an_empty_class_of_a_split_is_named),
        TEST(splits_a_level_deeper_are_named),
        TEST(classes_a_level_deeper_are_named),
        TEST(a_split_that_holds_itself_is_said),
        TEST(splits_below_the_classes_are_refused),
        TEST(folders_of_the_same_names_are_refused),
        TEST(classes_of_folders_are_said),
        TEST(train_alone_says_what_stands_beside_it),
        TEST(other_folders_may_stand_beside_splits),
        TEST(classes_that_differ_by_case_are_said),
        TEST(pictures_of_other_formats_are_named),
        TEST(three_pictures_of_other_formats_are_named_all),
        TEST(every_failed_allocation_is_a_clean_error),
    };
    return RUN(tests);
}
