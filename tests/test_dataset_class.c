/* The classes of data sets: those of io/datasets.def are complete and have different names, and
 * cd_dataset_class_fault says of a broken class what is wrong with it. */
#include "test.h"

#include "io/dataset_internal.h"

static void every_class_is_complete(void **state)
{
    (void)state;
    assert_non_null(cd_dataset_classes[0]);
    for (const cd_dataset_class *const *c = cd_dataset_classes; *c; c++) {
        const char *fault = cd_dataset_class_fault(*c, cd_dataset_classes);
        assert_that(!fault, "data set class %s: %s", (*c)->name ? (*c)->name : "?", fault);
    }
}

/* --- broken classes --------------------------------------------------------------------------- */

static bool stub_accepts(const char *name)
{
    return *name == '\0';
}

static bool stub_open(cd_dataset *d, const char *prefix, const char *where,
                      const cd_dataset_options *options)
{
    return d && prefix && where && options;
}

static bool stub_look(const char *prefix, const char *where, cd_dataset_layout *out)
{
    return prefix && where && out;
}

static bool stub_sample(const cd_dataset *d, int64_t i, float *out)
{
    return d && i >= 0 && out;
}

static int64_t stub_label(const cd_dataset *d, int64_t i)
{
    return d ? i : 0;
}

static const char *const stub_prefixes[] = { "stub", "other-stub", NULL };

/* A class that lacks nothing but what is optional. */
static cd_dataset_class stub(void)
{
    return (cd_dataset_class){ .name = "stub",
                               .size = sizeof(cd_dataset),
                               .prefixes = stub_prefixes,
                               .prefix_help = "stub:DIR",
                               .open = stub_open,
                               .look = stub_look,
                               .sample = stub_sample,
                               .label = stub_label };
}

/* In a table with nothing else. */
static const char *fault_of(cd_dataset_class class_)
{
    const cd_dataset_class *table[] = { &class_, NULL };
    return cd_dataset_class_fault(&class_, table);
}

static void optional_members_may_be_missing(void **state)
{
    (void)state;
    cd_dataset_class c = stub();
    assert_null(fault_of(c));
    c.accepts = stub_accepts;
    assert_null(fault_of(c));
    c.prefixes = NULL;
    c.prefix_help = NULL;
    assert_null(fault_of(c));
}

static void a_missing_member_is_named(void **state)
{
    (void)state;
    static const char *const no_prefixes[] = { NULL }, *const empty_prefix[] = { "a", "", NULL };
    enum { CASES = 11 };
    cd_dataset_class broken[CASES];
    for (int i = 0; i < CASES; i++) broken[i] = stub();
    broken[0].name = NULL;
    broken[1].size = sizeof(cd_dataset) - 1;
    broken[2].prefixes = NULL;
    broken[3].prefix_help = NULL;
    broken[4].open = NULL;
    broken[5].look = NULL;
    broken[6].sample = NULL;
    broken[7].label = NULL;
    broken[8].name = "";
    broken[9].prefixes = no_prefixes;
    broken[10].prefixes = empty_prefix;
    static const char *const faults[CASES] = {
        "it has no name",
        "its struct is too small to begin with a cd_dataset",
        "it has neither prefixes nor a function `accepts`, so that no name opens it",
        "it has prefixes, and no prefix_help",
        "it has no function `open`",
        "it has no function `look`",
        "it has no function `sample`",
        "it has no function `label`",
        "it has no name",
        "it has neither prefixes nor a function `accepts`, so that no name opens it",
        "one of its prefixes is empty",
    };
    for (int i = 0; i < CASES; i++) {
        const char *fault = fault_of(broken[i]);
        assert_that(fault && strcmp(fault, faults[i]) == 0, "%s, and not: %s",
                    fault ? fault : "no fault", faults[i]);
    }
}

/* A class whose sets a function makes has nothing that belongs to names. */
static void a_made_class_has_no_names(void **state)
{
    (void)state;
    enum { CASES = 5 };
    cd_dataset_class made = stub(), broken[CASES];
    made.made_by = "cd_dataset_stub";
    made.prefixes = NULL;
    made.prefix_help = NULL;
    made.open = NULL;
    made.look = NULL;
    assert_null(fault_of(made));
    for (int i = 0; i < CASES; i++) broken[i] = made;
    broken[0].prefixes = stub_prefixes;
    broken[1].prefix_help = "stub:DIR";
    broken[2].accepts = stub_accepts;
    broken[3].open = stub_open;
    broken[4].look = stub_look;
    for (int i = 0; i < CASES; i++) {
        assert_string_equal(fault_of(broken[i]), "a function makes its sets, and it has what "
                                                 "belongs to sets that a name opens");
    }
    made.made_by = "";
    assert_string_equal(fault_of(made), "its made_by is empty");
    made.made_by = "cd_dataset_stub";
    made.sample = NULL;
    assert_string_equal(fault_of(made), "it has no function `sample`");
}

static void a_name_stands_in_the_table_once(void **state)
{
    (void)state;
    static const char *const others[] = { "stub-3", "other-stub", NULL };
    cd_dataset_class a = stub(), b = stub();
    const cd_dataset_class *twice[] = { &a, &a, NULL }, *both[] = { &a, &b, NULL };
    assert_string_equal(cd_dataset_class_fault(&a, twice), "its name stands in the table twice");
    assert_string_equal(cd_dataset_class_fault(&b, both), "its name stands in the table twice");
    b.name = "b";
    b.prefixes = others;
    for (int i = 0; i < 2; i++) {
        assert_string_equal(cd_dataset_class_fault(both[i], both),
                            "one of its prefixes stands in the table twice");
    }
    b.prefixes = others + 2; /* none */
    assert_null(cd_dataset_class_fault(&a, both));
    b.name = NULL; /* a fault of b, not of a */
    assert_null(cd_dataset_class_fault(&a, both));
}

/* --- names ------------------------------------------------------------------------------------ */

static void assert_class(const char *name, const cd_dataset_class *class_, const char *prefix,
                         const char *where)
{
    const char *found_prefix, *found_where;
    const cd_dataset_class *found = cd_dataset_class_for(name, &found_prefix, &found_where);
    assert_that(found == class_, "\"%s\" is opened by %s", name, found ? found->name : "no class");
    assert_that(prefix ? found_prefix && strcmp(found_prefix, prefix) == 0 : !found_prefix,
                "\"%s\" has the prefix %s", name, found_prefix ? found_prefix : "NULL");
    assert_that(where ? found_where && strcmp(found_where, where) == 0 : !found_where,
                "\"%s\" has as where %s", name, found_where ? found_where : "NULL");
}

static void a_name_leads_to_its_class(void **state)
{
    (void)state;
    const char *folder = test_folder();
    assert_class("mnist", &cd_dataset_idx_class, "mnist", NULL);
    assert_class("mnist:", &cd_dataset_idx_class, "mnist", "");
    assert_class("mnist:a:b", &cd_dataset_idx_class, "mnist", "a:b");
    assert_class("fashion-mnist:/x", &cd_dataset_idx_class, "fashion-mnist", "/x");
    assert_class("idx:mnist", &cd_dataset_idx_class, "idx", "mnist");
    assert_class(folder, &cd_dataset_folder_class, NULL, folder);
    const char *prefix, *where;
    assert_null(cd_dataset_class_for("mnist2", &prefix, &where));
    assert_failed_with(CD_ERR_ARGUMENT, "data set \"mnist2\": there is no such folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_class_is_complete),         TEST(a_made_class_has_no_names),
        TEST(optional_members_may_be_missing), TEST(a_missing_member_is_named),
        TEST(a_name_stands_in_the_table_once), TEST(a_name_leads_to_its_class),
    };
    return RUN(tests);
}
