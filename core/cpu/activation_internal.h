/* What the maps of activations take beside their inputs: the params of CD_ACTIVATION_MAPS
 * (map_internal.h), which are the attributes of the ops too. */
#ifndef CANDELA_CORE_CPU_ACTIVATION_INTERNAL_H
#define CANDELA_CORE_CPU_ACTIVATION_INTERNAL_H

/* leaky_relu: negative_slope x where x <= 0. */
typedef struct cd_leaky_relu_numbers {
    double negative_slope;
} cd_leaky_relu_numbers;

/* rrelu: times a slope between lower and upper where x <= 0. */
typedef struct cd_rrelu_numbers {
    double lower, upper;
} cd_rrelu_numbers;

/* elu, selu and celu: scale x where x > 0, else scale alpha (exp(input_scale x) - 1). */
typedef struct cd_elu_numbers {
    double alpha, scale, input_scale;
} cd_elu_numbers;

/* softplus: log(1 + exp(beta x)) / beta, or x where beta x > threshold. */
typedef struct cd_softplus_numbers {
    double beta, threshold;
} cd_softplus_numbers;

/* softshrink and hardshrink: 0 where |x| <= lambd. */
typedef struct cd_shrink_numbers {
    double lambd;
} cd_shrink_numbers;

/* threshold: value where x <= threshold. */
typedef struct cd_threshold_numbers {
    double threshold, value;
} cd_threshold_numbers;

#endif
