/* The driver of the twin: see twin.h. */
#include "twin.h"

#include <fenv.h>
#include <pthread.h>

#include "test.h"

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/device_internal.h"

/* --- addresses -------------------------------------------------------------------------------- */

/* Upper bits that no valid address has. Adding an offset to an address leaves them in place. */
static const uintptr_t POISON = (uintptr_t)0x5AC3 << 48;

static void *hidden(void *memory)
{
    return (void *)((uintptr_t)memory ^ POISON);
}

static bool is_hidden(const void *address)
{
    return ((uintptr_t)address >> 48) == ((POISON >> 48) & 0xFFFF);
}

/* The valid address of hidden memory; other addresses stay as they are. */
static void *real(const void *address)
{
    return is_hidden(address) ? hidden((void *)(uintptr_t)address) : (void *)(uintptr_t)address;
}

/* --- the stream ------------------------------------------------------------------------------- */

typedef struct item {
    struct item *next;
    cd_launch launch;   /* its op is NULL for a copy */
    fenv_t environment; /* floating-point mode of the host at the launch */
    /* For a copy from the host: the destination, and how many bytes of `attributes` go there. */
    void *to;
    size_t bytes;
    /* Copies of what the launch points to. */
    cd_array *argument;
    cd_layout *layout;
    int64_t *number;
    char *attributes;
} item;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wanted, done;
    item *first, **last;         /* the queue of items that have not run */
    uint64_t launched, finished; /* how many items; marks are values of `launched` */
    uint64_t awaited;            /* the highest mark that the host has waited for */
    uint64_t waited, reused;     /* see twin_counts */
    const char *refused;         /* see twin_refuse */
    cd_device device;
} stream = { .lock = PTHREAD_MUTEX_INITIALIZER,
             .wanted = PTHREAD_COND_INITIALIZER,
             .done = PTHREAD_COND_INITIALIZER,
             .last = &stream.first };

static void free_item(item *i)
{
    free(i->argument);
    free(i->layout);
    free(i->number);
    free(i->attributes);
    free(i);
}

/* Runs a kernel, a copy from the host, or a copy between tensors, in the host's floating-point
 * mode. */
static void run_item(item *i)
{
    (void)fesetenv(&i->environment);
    if (i->launch.op) {
        cd_kernel_of_cpu(i->launch.op)->run(&i->launch);
    } else if (i->bytes > 0) {
        memcpy(i->to, i->attributes, i->bytes);
    } else {
        cd_cpu_convert(&i->launch.out[0], &i->launch.in[0]);
    }
}

/* The twin's thread. Runs an item only when the host waits for it, or for a later one, or when
 * MAX_ITEMS are in the queue. */
static void *work(void *unused)
{
    enum { MAX_ITEMS = 1000 };
    (void)unused;
    pthread_mutex_lock(&stream.lock);
    for (;;) {
        while (!stream.first || (stream.awaited <= stream.finished &&
                                 stream.launched - stream.finished < MAX_ITEMS)) {
            pthread_cond_wait(&stream.wanted, &stream.lock);
        }
        item *i = stream.first;
        stream.first = i->next;
        if (!stream.first) stream.last = &stream.first;
        pthread_mutex_unlock(&stream.lock);
        run_item(i);
        free_item(i);
        pthread_mutex_lock(&stream.lock);
        stream.finished++;
        pthread_cond_broadcast(&stream.done);
    }
    return NULL;
}

/* Appends an item to the queue. */
static void launch_item(item *i)
{
    (void)fegetenv(&i->environment);
    pthread_mutex_lock(&stream.lock);
    *stream.last = i;
    stream.last = &i->next;
    stream.launched++;
    pthread_cond_signal(&stream.wanted);
    pthread_mutex_unlock(&stream.lock);
}

/* A mark behind all items launched so far. */
static uint64_t mark(void)
{
    pthread_mutex_lock(&stream.lock);
    uint64_t behind = stream.launched;
    pthread_mutex_unlock(&stream.lock);
    return behind;
}

/* Waits until all items before the mark have run. */
static void wait_for(uint64_t behind)
{
    pthread_mutex_lock(&stream.lock);
    if (stream.finished < behind) stream.waited++;
    if (stream.awaited < behind) stream.awaited = behind;
    pthread_cond_signal(&stream.wanted);
    while (stream.finished < behind) pthread_cond_wait(&stream.done, &stream.lock);
    pthread_mutex_unlock(&stream.lock);
}

/* A copy of bytes of the host's memory, for free(). */
static void *copied(const void *from, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    assert_non_null(copy);
    if (bytes > 0) memcpy(copy, from, bytes);
    return copy;
}

static item *new_item(void)
{
    item *i = calloc(1, sizeof *i);
    assert_non_null(i);
    return i;
}

/* A copy of a launch and of everything that it points to, with valid addresses in place of hidden
 * ones. Numbers are in the host's memory: they are copied. `outputs` is false before the outputs
 * are made. */
static item *copy_launch(const cd_launch *launch, bool outputs)
{
    item *i = new_item();
    const size_t in = (size_t)launch->inputs;
    const size_t all = in + (outputs ? (size_t)launch->outputs : 0);
    i->launch = *launch;
    i->argument = calloc(all + 1, sizeof *i->argument);
    i->layout = calloc(all + 1, sizeof *i->layout);
    i->number = calloc(all + 1, sizeof *i->number);
    assert_true(i->argument && i->layout && i->number);
    for (size_t k = 0; k < all; k++) {
        const cd_array *from = k < in ? &launch->in[k] : &launch->out[k - in];
        if (!from->layout) continue;
        i->layout[k] = *from->layout;
        i->argument[k] = (cd_array){ real(from->data), &i->layout[k] };
        if (!from->data || is_hidden(from->data)) continue;
        memcpy(&i->number[k], from->data, cd_dtype_size(from->layout->dtype));
        i->argument[k].data = &i->number[k];
    }
    i->launch.in = i->argument;
    i->launch.out = i->argument + in;
    i->launch.workspace = real(launch->workspace);
    if (launch->attributes && launch->op) {
        i->attributes = copied(launch->attributes, launch->op->attribute_bytes);
        i->launch.attributes = i->attributes;
    }
    return i;
}

/* --- kernels ---------------------------------------------------------------------------------- */

static size_t workspace(const cd_launch *launch)
{
    return cd_kernel_of_cpu(launch->op)->workspace(launch);
}

static bool check(const cd_launch *launch, cd_fault *fault)
{
    wait_for(mark());
    item *i = copy_launch(launch, false);
    bool right = cd_kernel_of_cpu(launch->op)->check(&i->launch, fault);
    free_item(i);
    return right;
}

static int64_t measure(const cd_launch *launch)
{
    wait_for(mark());
    item *i = copy_launch(launch, false);
    int64_t size = cd_kernel_of_cpu(launch->op)->measure(&i->launch);
    free_item(i);
    return size;
}

static void run(const cd_launch *launch)
{
    launch_item(copy_launch(launch, true));
}

/* The twin's kernel of an op: it has those functions that the CPU's kernel has. The index into
 * `kernels` is the sum of 1 (workspace), 2 (check) and 4 (measure). */
static const cd_kernel *kernel(const cd_op *op)
{
#define KERNEL(workspace_, check_, measure_)                                                       \
    {                                                                                              \
        .workspace = workspace_, .check = check_, .measure = measure_, .run = run                  \
    }
    static const cd_kernel kernels[] = {
        KERNEL(NULL, NULL, NULL),     KERNEL(workspace, NULL, NULL),
        KERNEL(NULL, check, NULL),    KERNEL(workspace, check, NULL),
        KERNEL(NULL, NULL, measure),  KERNEL(workspace, NULL, measure),
        KERNEL(NULL, check, measure), KERNEL(workspace, check, measure),
    };
#undef KERNEL
    if (stream.refused && strcmp(stream.refused, op->name) == 0) return NULL;
    const cd_kernel *own = cd_kernel_of_cpu(op);
    return &kernels[(own->workspace != NULL) + 2 * (own->check != NULL) +
                    4 * (own->measure != NULL)];
}

/* --- memory ----------------------------------------------------------------------------------- */

typedef struct block {
    struct block *next;
    void *memory;
    size_t bytes;
    uint64_t last_use; /* a mark behind the launches that use it */
} block;

/* Released blocks, the latest first. An allocation takes the first of the same size. */
static block *free_blocks;

static void *allocate(size_t bytes)
{
    pthread_mutex_lock(&stream.lock);
    block **link = &free_blocks, *b;
    while (*link && (*link)->bytes != bytes) link = &(*link)->next;
    if ((b = *link)) {
        *link = b->next;
        stream.reused += b->last_use > stream.finished;
    }
    pthread_mutex_unlock(&stream.lock);
    void *memory = b ? b->memory : aligned_alloc(64, (bytes + 63) / 64 * 64);
    free(b);
    assert_non_null(memory);
    return hidden(memory);
}

static void release(void *memory, size_t bytes)
{
    block *b = malloc(sizeof *b);
    assert_non_null(b);
    pthread_mutex_lock(&stream.lock);
    *b = (block){ free_blocks, real(memory), bytes, stream.launched };
    free_blocks = b;
    pthread_mutex_unlock(&stream.lock);
}

static void read_memory(void *host, const void *memory, size_t bytes)
{
    wait_for(mark());
    memcpy(host, real(memory), bytes);
}

static void write_memory(void *memory, const void *host, size_t bytes)
{
    item *i = new_item();
    i->to = real(memory);
    i->bytes = bytes;
    i->attributes = copied(host, bytes);
    launch_item(i);
}

static void convert(const cd_array *to, const cd_array *from)
{
    const cd_launch launch = { .in = from, .out = to, .inputs = 1, .outputs = 1 };
    launch_item(copy_launch(&launch, true));
}

/* --- the device ------------------------------------------------------------------------------- */

static const cd_device_driver driver = { .name = "twin",
                                         .allocate = allocate,
                                         .release = release,
                                         .read = read_memory,
                                         .write = write_memory,
                                         .convert = convert,
                                         .kernel = kernel,
                                         .mark = mark,
                                         .wait = wait_for };

static void start(void)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, work, NULL), 0);
    (void)pthread_detach(thread);
    stream.device = cd_device_add(&driver);
}

cd_device twin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start);
    assert_int_not_equal(stream.device, CD_DEVICE_DEFAULT);
    return stream.device;
}

cd_device twin_again(void)
{
    static cd_device again;
    (void)twin();
    if (again == CD_DEVICE_DEFAULT) again = cd_device_add(&driver);
    return again;
}

void twin_refuse(const char *op)
{
    stream.refused = op;
}

twin_counts twin_count(void)
{
    pthread_mutex_lock(&stream.lock);
    twin_counts counts = { stream.launched, stream.waited, stream.reused };
    pthread_mutex_unlock(&stream.lock);
    return counts;
}
