#!/usr/bin/env bash
# Checks that the compiler warns of wrong calls: with an argument too many or too few, in the wrong
# order, or with a bare number where a shape belongs. It must warn without any flags, and also when
# the headers are a system's (-isystem), in whose own lines compilers hide warnings. Of right calls
# it must not warn, even with the strictest flags that users have.
#
# wrong_calls.sh --table COMPILER prints the compiler's message for each wrong call.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

cat >"$scratch/wrong" <<'END'
cd_zeros()
cd_zeros(3)
cd_zeros(3, 4)
cd_ones(0)
cd_empty(NULL)
cd_rand(2, 3)
cd_randn(2)
cd_randn(.dtype = CD_F64)
cd_zeros(CD_SHAPE(2), 4)
cd_zeros(CD_SHAPE(2), CD_F64)
cd_full(3, 7)
cd_full(7, CD_SHAPE(3))
cd_full(CD_SHAPE(3))
cd_full(CD_SHAPE(3), 7, CD_I64)
cd_full(CD_SHAPE(3), x)
cd_full(CD_SHAPE(3))
cd_randint(0, 10, 5)
cd_randint(10, CD_SHAPE(5))
cd_randint(CD_SHAPE(5), 0, 10)
cd_randint(0, 10, CD_SHAPE(5), CD_I32)
cd_randperm()
cd_randperm(10, 2)
cd_arange()
cd_arange(1, 10)
cd_arange(0.0, 1.0)
cd_arange(0, 10, 2)
cd_linspace(0, 1)
cd_linspace(0, 1, 5, CD_F64)
cd_eye()
cd_eye(3, 4)
cd_zeros_like()
cd_zeros_like(x, CD_F64)
cd_zeros_like(CD_SHAPE(2))
cd_full_like(x)
cd_full_like(x, 7, CD_I64)
cd_from_array(a)
cd_from_array(a, 4)
cd_from_array(a, 4, 3)
cd_from_array(CD_SHAPE(4), a)
cd_from_array(a, CD_SHAPE(4), CD_F64)
cd_wrap(a, 4)
cd_wrap(a, 4, 3)
cd_wrap(a, CD_SHAPE(4), deleter)
cd_reshape(x, 2, 3)
cd_reshape(x, 6)
cd_view(x, 2, 3)
cd_view(x, -1)
cd_permute(x, 1, 0)
cd_expand(x, 2, 3)
cd_repeat(x, 2)
cd_sum_to_shape(x, 2)
cd_as_strided(x, 2, 1, 0)
cd_flatten(x)
cd_transpose(x)
cd_slice(x, 0, 1, 2)
cd_squeeze(x)
cd_add(x)
cd_add(x, x, 2)
cd_add(x, CD_SHAPE(2))
cd_add_(2, x)
cd_clamp(x, 0)
cd_where(x, 1)
cd_masked_fill(x, 0, x, x)
cd_masked_fill(x, 3, x)
cd_uniform_(x)
cd_uniform_(x, 1)
cd_uniform_(x, 0, 1, g)
cd_normal_(x, 0)
cd_bernoulli_(x)
cd_bernoulli(x, 0.5)
cd_sum_dim(x)
cd_sum_dim(x, 1, true)
cd_mean_dim(1, x)
cd_max_dim(x, 1, &x)
cd_argmax_dim(x, 1, 1)
cd_logsumexp(x)
cd_norm(x, 2)
cd_norm(x, 2.0)
cd_topk(x)
cd_topk(x, 5, 1)
cd_topk(x, 5, &x)
cd_softmax(x)
cd_cat(x, 0)
cd_cat(x, x, 0)
cd_cat(CD_TENSORS(x, x))
cd_cat(CD_TENSORS(list), 0)
cd_stack(list, 0)
cd_gather(x, x, 0)
cd_one_hot(5, x)
cd_conv2d(x, w)
cd_conv2d(x, w, NULL, 2)
cd_conv2d(x, w, NULL, 2, 1)
cd_max_pool2d(x)
cd_max_pool2d(x, 3, 2)
cd_batch_norm(x, w)
cd_batch_norm(x, w, b, mean, var)
cd_mse_loss(x)
cd_mse_loss(x, x, CD_SUM)
cd_nll_loss(x)
cd_cross_entropy(x, x, CD_SUM)
cd_cross_entropy(x, x, w)
cd_binary_cross_entropy_with_logits(x, x, w)
cd_backward()
cd_backward(x, x)
cd_backward(x, true)
cd_autograd_grad(x)
cd_autograd_grad(x, x, x)
cd_autograd_grad_n(x, x, list)
cd_autograd_grad_n(CD_TENSORS(x), CD_TENSORS(x))
cd_register_hook(x)
cd_register_hook(x, hook, free)
cd_register_post_accumulate_grad_hook(x)
cd_register_forward_hook(m, hook)
cd_apply(x, &function)
cd_apply_n(&function, CD_TENSORS(x))
cd_apply_n(&function, x, list)
cd_gradcheck(x, &function)
cd_gradcheck_function(check, list)
cd_gradcheck_function(check, list, 1, 1e-6)
cd_forward(x, m)
cd_forward(m, list)
cd_nn_linear(3)
cd_nn_linear(3, 4, 1)
cd_nn_linear(3, 4, true)
cd_nn_conv2d(3, 4)
cd_nn_conv2d(3, 4, 3, 1)
cd_nn_batch_norm2d()
cd_nn_batch_norm2d(3, 1e-5)
cd_nn_max_pool2d()
cd_nn_max_pool2d(3, 2)
cd_nn_sequential(m, x)
cd_nn_mse_loss(CD_SUM)
cd_nn_huber_loss(CD_SUM, 0.5)
cd_nn_triplet_margin_loss(2.0)
cd_nn_cross_entropy_loss(w)
cd_nn_bce_with_logits_loss(w)
cd_mlp(784)
cd_mlp(784, 256, 10)
cd_mlp(784, 10, sizes)
cd_mlp(784, 10, sizes, 2)
cd_resnet18(10)
cd_make_model("mlp")
cd_optim_sgd()
cd_optim_sgd(m, 0.1)
cd_optim_sgd(x, .lr = 0.1)
cd_optim_sgd(list, 1)
cd_schedule_cosine(o)
cd_schedule_cosine(o, 10, 1e-4)
cd_schedule_cosine(10, o)
cd_zero_grad(x)
cd_save(m)
cd_save("m.safetensors", m)
cd_save(m, "m.safetensors", texts, 1)
cd_load(m)
cd_load("m.safetensors", m)
cd_load(m, "m.safetensors", true)
cd_load_model()
cd_load_model("m.safetensors", &card)
cd_load(m, NULL, f)
cd_load_model(NULL, f)
cd_load_card_from("m.safetensors")
cd_dataset_open()
cd_dataset_open("mnist", CD_TEST)
cd_random_horizontal_flip(0.5)
cd_random_crop()
cd_random_crop(32, 32, 4)
cd_center_crop()
cd_random_rotation(10, true)
cd_color_jitter(0.2)
cd_random_erasing(0.5)
cd_random_apply(flip)
cd_mixup(10, 0.2)
cd_dataset_batch(d, sizes)
cd_dataset_batch(d, sizes, 2, &x, &x)
cd_dataset_from_tensors(x)
cd_dataset_from_tensors(x, x, 3)
cd_random_split(d, &d)
cd_random_split(d, &d, 1, sizes)
cd_set_requires_grad(x)
cd_to(CD_F64, x)
cd_zeros(CD_SHAPE(2), 0)
cd_full(CD_SHAPE(3), 7, 0)
cd_randint(0, 10, CD_SHAPE(5), false)
cd_randperm(10, NULL)
cd_arange(10, 0)
cd_linspace(0, 1, 5, 0)
cd_eye(3, 0)
cd_zeros_like(x, false)
cd_full_like(x, 7, 0)
cd_from_array(a, CD_SHAPE(4), false)
cd_wrap(a, CD_SHAPE(4), NULL)
cd_wrap(a, CD_SHAPE(4), user)
cd_uniform_(x, 0, 1, NULL)
cd_normal_(x, 0, 1, 0)
cd_bernoulli_(x, 0.5, NULL)
cd_bernoulli(x, NULL)
cd_sum_dim(x, 1, false)
cd_mean_dim(x, 1, 0)
cd_max_dim(x, 1, NULL)
cd_logsumexp(x, 1, false)
cd_norm(x, 0)
cd_topk(x, 5, NULL)
cd_conv2d(x, w, NULL, 0)
cd_conv2d(x, w, b, 0, 1)
cd_max_pool2d(x, 3, 0)
cd_batch_norm(x, w, b, NULL, NULL)
cd_mse_loss(x, x, CD_MEAN)
cd_nll_loss(x, x, NULL)
cd_cross_entropy(x, x, 0)
cd_binary_cross_entropy_with_logits(x, x, NULL)
cd_backward(x, NULL)
cd_backward(x, false)
cd_autograd_grad(x, x, NULL)
cd_autograd_grad_n(CD_TENSORS(x), CD_TENSORS(x), list, NULL)
cd_register_hook(x, hook, user)
cd_register_hook(x, hook, NULL)
cd_register_post_accumulate_grad_hook(x, leaf_hook, user)
cd_register_forward_pre_hook(m, pre_hook, user)
cd_register_forward_hook(m, forward_hook, user)
cd_apply_n(&function, CD_TENSORS(x), list, user)
cd_gradcheck_function(check, list, 1, user)
cd_gradgradcheck_function(check, list, 1, NULL)
cd_nn_linear(3, 4, false)
cd_nn_conv2d(3, 4, 3, 0)
cd_nn_batch_norm2d(3, 0)
cd_nn_max_pool2d(3, 0)
cd_nn_mse_loss(CD_MEAN)
cd_nn_cross_entropy_loss(NULL)
cd_nn_bce_with_logits_loss(0)
cd_mlp(784, 10, NULL)
cd_mlp(784, 10, 0)
cd_resnet18(0)
cd_optim_sgd(m, 0)
cd_optim_sgd(NULL, NULL)
cd_schedule_cosine(o, 10, 0)
cd_save(m, "m.safetensors", NULL, 0)
cd_load(m, "m.safetensors", false)
cd_load_model("m.safetensors", NULL)
cd_dataset_open("mnist", CD_TRAIN)
cd_dataset_batch(d, sizes, 2, NULL, NULL)
END

cat >"$scratch/right" <<'END'
cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true)
cd_zeros(cd_shape_of(x))
cd_zeros(CD_SCALAR)
cd_full(CD_SHAPE(3), 7)
cd_full(shape, 7, .dtype = CD_I64)
cd_randint(0, 10, CD_SHAPE(5))
cd_randint(0, 10, shape, .generator = g)
cd_randperm(10)
cd_arange(10)
cd_arange(10, .start = 2, .step = 3)
cd_linspace(0, 1, 5)
cd_eye(3, .columns = 4)
cd_zeros_like(x)
cd_full_like(x, 7, .dtype = CD_I64)
cd_from_array(a, CD_SHAPE(4))
cd_from_array(a, shape, .requires_grad = true)
cd_from_array(((const float[]){ 1, 2 }), CD_SHAPE(2))
cd_from_array(user, CD_SHAPE(2), .dtype = CD_F64)
cd_wrap(a, CD_SHAPE(4), .deleter = deleter, .user = user)
cd_uniform_(x, 0, 1)
cd_normal_(x, 0, 1, .generator = g)
cd_bernoulli_(x, 0.5)
cd_bernoulli(x, .generator = NULL)
cd_sum_dim(x, 1)
cd_max_dim(x, 1, .indices = &x)
cd_norm(x)
cd_norm(x, .p = 1, .by_dim = true, .dim = 1)
cd_topk(x, 5, .indices = &x)
cd_conv2d(x, w, NULL)
cd_conv2d(x, w, b, .stride = 2)
cd_max_pool2d(x, 3, .stride = 2)
cd_batch_norm(x, NULL, NULL, .running_mean = mean, .running_var = var)
cd_mse_loss(x, x)
cd_cross_entropy(x, x, .weight = w)
cd_backward(x)
cd_backward(x, .gradient = x)
cd_autograd_grad(x, x, .create_graph = true)
cd_autograd_grad_n(CD_TENSORS(x), CD_TENSORS(x), list)
cd_register_hook(x, hook, .user = user)
cd_register_forward_hook(m, forward_hook)
cd_apply(&function, x)
cd_apply_n(&function, CD_TENSORS(x), list, .user = user)
cd_gradcheck_function(check, list, 1)
cd_nn_linear(3, 4)
cd_nn_linear(3, 4, .no_bias = true)
cd_nn_conv2d(3, 4, 3, .padding = 1)
cd_nn_batch_norm2d(3)
cd_nn_max_pool2d(3, .stride = 2)
cd_nn_mse_loss()
cd_nn_cross_entropy_loss(.reduction = CD_SUM)
cd_mlp(784, 10)
cd_mlp(784, 10, .hidden = sizes, .hidden_count = 2)
cd_resnet18()
cd_resnet18(.num_classes = 10)
cd_optim_sgd(m, .lr = 0.1)
cd_optim_sgd(NULL, .tensors = list, .count = 1, .lr = 0.1)
cd_schedule_cosine(o, 10)
cd_save(m, "m.safetensors", .texts = texts, .text_count = 1)
cd_load(m, "m.safetensors", .partial = true)
cd_load_model("m.safetensors")
cd_load_model("m.safetensors", .card = &card)
cd_load(m, NULL, .file = f)
cd_load_model(NULL, .file = f, .card = &card)
cd_dataset_open("mnist", .split = CD_TEST)
cd_random_horizontal_flip()
cd_random_crop(32)
cd_random_crop(32, 24, .padding = 4, .mean = { 0.5 })
cd_center_crop(32)
cd_random_rotation(10, .bilinear = true)
cd_color_jitter(.brightness = 0.2)
cd_random_apply(flip, 1, .p = 0.3)
cd_mixup(10, .alpha = 0.2)
cd_dataset_batch(d, sizes, 2, .x = &x)
cd_dataset_from_tensors(x, x)
cd_dataset_from_tensors(x, x, .class_count = 2)
cd_random_split(d, &d, 1, .lengths = sizes)
END

# program LIST: prints a program with each call of LIST in a function of its own, so that an error
# in one does not hide another. A call's line in the program is $first plus its line in LIST.
cat >"$scratch/before.c" <<'END'
#include <candela.h>
extern cd_tensor *x, *w, *b, *mean, *var, *list[2];
extern cd_module *m;
extern cd_optimizer *o;
extern cd_generator *g;
extern cd_dataset *d;
extern cd_card *card;
extern cd_tensor_file *f;
extern cd_function function;
extern float a[4];
extern int64_t sizes[2];
extern cd_shape shape;
extern cd_text_pair texts[1];
extern const cd_transform flip[1];
extern void *user;
extern cd_tensor_hook hook;
extern cd_accumulate_hook leaf_hook;
extern cd_forward_pre_hook pre_hook;
extern cd_forward_hook forward_hook;
extern cd_gradcheck_call check;
extern void deleter(void *memory, void *user_);
extern void free(void *memory);
END
first=$(wc -l <"$scratch/before.c")
program() {
    cat "$scratch/before.c"
    awk '{ printf "void call_%d(void); void call_%d(void) { (void)(%s); }\n", NR, NR, $0 }' "$1"
}

# unsaid LIST COMPILER OPTIONS...: prints the calls of LIST without a message of the compiler.
unsaid() {
    local calls=$1
    shift
    program "$calls" >"$scratch/calls.c"
    "$@" -std=c11 -isystem "$root" -fsyntax-only "$scratch/calls.c" 2>&1 |
        sed -n 's/^[^:]*calls\.c:\([0-9]*\):.*/\1/p' | sort -un >"$scratch/said" || true
    awk -v first="$first" -v file="$scratch/said" '
        BEGIN { while ((getline line < file) > 0) said[line] = 1 }
        !((NR + first) in said)' "$calls"
}

if [ "${1:-}" = --table ]; then
    program "$scratch/wrong" >"$scratch/calls.c"
    "$2" -std=c11 -isystem "$root" -fsyntax-only "$scratch/calls.c" 2>&1 |
        awk -v first="$first" -v calls="$scratch/wrong" '
            /error:|warning:/ { word = $0; sub(/^[^ ]* /, "", word) }
            match($0, /calls\.c:[0-9]+:/) && !/In function/ {
                line = substr($0, RSTART + 8, RLENGTH - 9)
                if (!(line in said)) said[line] = word
            }
            END {
                while ((getline call < calls) > 0) print call "\t" said[++first]
            }'
    exit 0
fi

tried=0
for compiler in gcc clang; do
    echo '#include <stdint.h>' | "$compiler" -x c -fsyntax-only - 2>/dev/null || continue
    tried=$((tried + 1))
    extra=()
    if [ "$compiler" = clang ]; then extra=(-ferror-limit=0); fi
    unsaid "$scratch/wrong" "$compiler" "${extra[@]}" >"$scratch/silent"
    if [ -s "$scratch/silent" ]; then
        echo "wrong_calls: $compiler does not warn of:"
        cat "$scratch/silent"
        failed=1
    fi
    # The check must find every right call without a message, and they must compile.
    if [ "$(unsaid "$scratch/right" "$compiler" -Wall | wc -l)" -ne "$(wc -l <"$scratch/right")" ]; then
        echo "wrong_calls: $compiler warns of right calls"
        failed=1
    fi
    program "$scratch/right" >"$scratch/right.c"
    if ! "$compiler" -std=c11 -I "$root" -fsyntax-only -Wall -Wextra -pedantic -Wshadow -Wconversion \
        -Wmissing-field-initializers -Wmissing-braces -Werror "$scratch/right.c" >"$scratch/log" 2>&1; then
        echo "wrong_calls: right calls do not compile with $compiler"
        head -20 "$scratch/log"
        failed=1
    fi
done
if [ $tried -eq 0 ]; then
    echo "SKIPPED: neither gcc nor clang is installed"
    exit 77
fi
exit $failed
