/* The driver with which golden/op_samples.py computes PyTorch's samples answers requests right. */
#include "test.h"

/* The driver's command line ends with the file of requests, which it reads as standard input. */
#define DRIVER "exec '" CANDELA_SAMPLE_DRIVER "' <"

static const struct exchange {
    const char *request, *answer;
} exchanges[] = {
    /* The results, and the gradient with weights 1 and 10. */
    { "sum 42 t:float32:g 2x2 2x1 0 4 1 2 3 4.5 dim= [ i:-1 ] weights t:float32 2 1 0 2 1 10 "
      "second end",
      "ok results float32 2 SumBackward1 0x1.8p+1 0x1.ep+2 changed gradients float32 2x2 - 0x1p+0 "
      "0x1p+0 0x1.4p+3 0x1.4p+3 second none end" },
    /* The second gradient of x^3 at 2, with weights 1: 6 x. The first may have a history. */
    { "pow 42 t:float64:g . . 0 1 2 i:3 weights t:float64 . . 0 1 1 second t:float64 . . 0 1 1 end",
      "ok results float64 . PowBackward0 0x1p+3 changed gradients float64 . MulBackward0 0x1.8p+3 "
      "second float64 . - 0x1.8p+3 end" },
    /* A view with strides and an offset, a second result, and no weights. */
    { "max 42 t:int64 2x2 1x2 1 6 9 1 2 3 4 9 i:1 true weights second end",
      "ok results int64 2x1 - 3 4 int64 2x1 - 1 1 changed gradients end" },
    /* Lists, positional sizes that make one shape, special values and bool. */
    { "cat 42 [ t:bool 1 1 0 1 1 t:bool 2 1 0 2 0 1 ] weights second end",
      "ok results bool 3 - 1 0 1 changed gradients end" },
    { "view 42 t:float32 4 1 0 4 nan inf -inf -0x0p0 i:2 i:-1 weights second end",
      "ok results float32 2x2 - nan inf -inf -0x0p+0 changed gradients end" },
    /* In place the copy is changed; uniform changes the argument itself. */
    { "mul_ 42 t:uint8 2 1 0 2 100 200 i:2 weights second end",
      "ok results uint8 2 - 200 144 changed gradients end" },
    { "uniform 42 t:float32 0 1 0 0 i:0 i:1 weights second end",
      "ok results float32 0 - changed 0 float32 0 - gradients end" },
    /* Several dimensions, a list of results, subscripts, choices, a truth, None among sizes. */
    { "amax 42 t:int64 2x1x2 2x2x1 0 4 1 2 3 4 [ i:0 i:-1 ] true weights second end",
      "ok results int64 1x1x1 - 4 changed gradients end" },
    { "split 42 t:int64 3 1 0 3 1 2 3 i:2 weights second end",
      "ok results int64 2 - 1 2 int64 1 - 3 changed gradients end" },
    { "__getitem__ 42 t:int64 2x2 2x1 0 4 1 2 3 4 [ w:ellipsis none t:int64 1 1 0 1 1 ] weights "
      "second end",
      "ok results int64 2x1x1 - 2 4 changed gradients end" },
    { "__getitem__ 42 t:int64 3 1 0 3 1 2 3 s:1:9:1 weights second end",
      "ok results int64 2 - 2 3 changed gradients end" },
    { "div 42 t:int64 1 1 0 1 -3 i:2 rounding_mode= w:floor weights second end",
      "ok results int64 1 - -2 changed gradients end" },
    { "div 42 t:int64 1 1 0 1 -3 i:2 rounding_mode= w:up weights second end",
      "error CD_ERR_ARGUMENT div: .rounding_mode is 3, and must be CD_ROUND_NONE, CD_ROUND_TRUNC "
      "or "
      "CD_ROUND_FLOOR" },
    { "equal 42 t:int64 1 1 0 1 -3 t:int64 1 1 0 1 -3 weights second end",
      "ok results bool . - 1 changed gradients end" },
    { "meshgrid 42 t:int64 1 1 0 1 5 t:int64 1 1 0 1 6 indexing= w:ij weights second end",
      "ok results int64 1x1 - 5 int64 1x1 - 6 changed gradients end" },
    { "nn_functional_adaptive_avg_pool2d 42 t:float32 1x1x2 2x2x1 0 2 1 3 [ none i:1 ] weights "
      "second end",
      "ok results float32 1x1x1 - 0x1p+1 changed gradients end" },
    /* A module with its state, in training mode: the buffers after the call, and the gradients of
     * the input and of the parameters. Options that are pairs, words, or two options here. */
    { "module o:BatchNorm1d ( num_features= i:1 eps= f:0x1.cp0 affine= false momentum= none dtype= "
      "d:float64 ) train 42 running_mean= t:float64 1 1 0 1 5 inputs t:float64:g 2x1 1x1 0 2 1 4 "
      "weights t:float64 2x1 1x1 0 2 1 3 end",
      "ok BatchNorm1d(1,%20eps=1.75,%20momentum=None,%20affine=False,%20bias=False,%20track_running"
      "_stats=True)%0a results float64 2x1 NativeBatchNormBackward0 -0x1.8p-1 0x1.8p-1 state "
      "running_mean buffer float64 1 - 0x1.4p+1 running_var buffer float64 1 - 0x1.2p+2 "
      "num_batches_tracked buffer int64 . - 1 gradients float64 2x1 - -0x1.cp-3 0x1.cp-3 end" },
    { "module o:Linear ( in_features= i:1 out_features= i:1 bias?= true device= w:cpu ) eval 42 "
      "weight= t:float32 1x1 1x1 0 1 3 bias= t:float32 1 1 0 1 1 inputs t:float32:g 1 1 0 1 2 "
      "weights t:float32 1 1 0 1 1 end",
      "ok Linear(in_features=1,%20out_features=1,%20bias=True)%0a results float32 1 "
      "UnsafeViewBackward0 "
      "0x1.cp+2 state weight parameter float32 1x1 - 0x1.8p+1 bias parameter float32 1 - 0x1p+0 "
      "gradients float32 1 - 0x1.8p+1 float32 1x1 - 0x1p+1 float32 1 - 0x1p+0 end" },
    { "module o:NLLLoss ( ignore_index= i:0 reduction= w:sum ) eval 42 inputs t:float32 2x1 1x1 0 "
      "2 3 4 t:int64 2 1 0 2 0 0 weights end",
      "ok NLLLoss()%0a results float32 . - 0x0p+0 state gradients end" },
    { "module o:KLDivLoss ( reduction= w:batchmean ) eval 42 inputs t:float32 2x1 1x1 0 2 0 0 "
      "t:float32 2x1 1x1 0 2 1 1 weights end",
      "ok KLDivLoss()%0a results float32 . - 0x0p+0 state gradients end" },
    { "module o:MaxPool1d ( kernel_size= [ i:2 ] return_pairs= true ) eval 42 inputs weights end",
      "lacking there is no argument return_pairs" },
    { "module o:Softmax ( dim?= none ) eval 42 inputs weights end",
      "lacking dim is of another kind" },
    { "module o:NoSuchClass ( ) eval 42 inputs weights end",
      "lacking there is no class NoSuchClass" },
    { "module o:Linear ( in_features= i:1 out_features= i:-1 ) eval 42 inputs weights end",
      "error CD_ERR_ARGUMENT sample: the option \"out_features\" must be a whole number, 0 or "
      "more" },
    /* Two steps of SGD from 5, with the gradients 1 and 3: b is 1, and then 0.5 + 3. */
    { "optimizer o:SGD ( lr= f:0x1p-1 momentum= f:0x1p-1 weight_decay?= f:0x0p0 ) t:float64:g 1 1 "
      "0 1 5 gradients t:float64 2x1 1x1 0 2 1 3 end",
      "ok results float64 1 - 0x1.6p+1 state rate float64 . - 0x1p-1 momentum float64 . - 0x1p-1 "
      "0.step int64 . - 2 0.momentum_buffer float64 1 - 0x1.cp+1 end" },
    { "optimizer o:Adam ( betas= [ f:0x1p-1 f:0x1p0 ] ) t:float64:g 1 1 0 1 5 gradients end",
      "error CD_ERR_ARGUMENT sample: the option \"betas[1]\" must be a number, 0 or more and below "
      "1" },
    { "optimizer o:SGD ( ) t:float64:g 1 1 0 1 5 i:0 gradients end",
      "error CD_ERR_ARGUMENT optim_sgd: tensors 0 and 1 of the list are the same one" },
    { "schedule o:StepLR ( step_size= i:2 gamma= f:0x1p-1 ) o:SGD ( lr= f:0x1p0 ) i:3 none",
      "ok float64 4 - 0x1p+0 0x1p+0 0x1p-1 0x1p-1 float64 4 - 0x0p+0 0x0p+0 0x0p+0 0x0p+0" },
    { "schedule o:SequentialLR ( schedulers= [ o:ConstantLR ( factor= f:0x1p-1 ) "
      "o:ExponentialLR ( gamma= f:0x1p-1 ) ] milestones= [ i:1 ] ) o:SGD ( lr= f:0x1p0 ) i:2 none",
      "ok float64 3 - 0x1p-1 0x1p+0 0x1p-1 float64 3 - 0x0p+0 0x0p+0 0x0p+0" },
    { "schedule o:CyclicLR ( base_lr= f:0x0p0 max_lr= f:0x1p0 step_size_up= i:1 mode= "
      "w:triangular2 cycle_momentum= false ) o:SGD ( ) i:3 none",
      "ok float64 4 - 0x0p+0 0x1p+0 0x0p+0 0x1p-1 float64 4 - 0x0p+0 0x0p+0 0x0p+0 0x0p+0" },
    /* What is refused, in three ways. */
    { "norm 42 t:float32 2 1 0 2 1 2 w:nuc weights second end", "lacking p is of another kind" },
    { "add 42 t:int64 2 1 0 2 1 2 i:1 alpha= i:2 dtype= none weights second end",
      "ok results int64 2 - 3 4 changed gradients end" },
    { "sum 42 t:int64 2 1 0 2 1 2 i:1 weights second end",
      "error CD_ERR_SHAPE sum: dimension 1 is out of range: a tensor of 1 dimension has -1 to 0" },
    { "no_such_op 42 weights second end", "unknown" },
};
enum { EXCHANGES = sizeof exchanges / sizeof *exchanges };

static void write_requests(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < EXCHANGES; i++) (void)fprintf(file, "%s\n", exchanges[i].request);
    assert_int_equal(fclose(file), 0);
}

static void answers_requests(void **state)
{
    (void)state;
    char path[512], command[2048], *line = NULL;
    size_t room = 0;
    (void)snprintf(path, sizeof path, "%s/requests", test_folder());
    (void)snprintf(command, sizeof command, DRIVER "'%s'", path);
    write_requests(path);
    FILE *answers = popen(command, "r");
    assert_non_null(answers);
    for (int i = 0; i < EXCHANGES; i++) {
        assert_true(getline(&line, &room, answers) > 0);
        line[strcspn(line, "\n")] = '\0';
        assert_that(strcmp(line, exchanges[i].answer) == 0, "%s\nis answered\n%s\nnot\n%s",
                    exchanges[i].request, line, exchanges[i].answer);
    }
    assert_int_equal(getline(&line, &room, answers), -1);
    free(line);
    assert_int_equal(pclose(answers), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(answers_requests) };
    return RUN(tests);
}
