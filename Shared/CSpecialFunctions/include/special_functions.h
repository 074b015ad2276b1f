#ifndef GONOGO_CSPECIALFUNCTIONS_H
#define GONOGO_CSPECIALFUNCTIONS_H

// Special functions in double precision, computed by Boost.Math.
//
// Every function is pure, may be called from any thread, and never throws. An argument outside a function's domain, NaN
// included, gives NaN; a result that is too large for a double gives infinity.

#ifdef __cplusplus
extern "C" {
#endif

// The natural logarithm of |Γ(x)|; infinity at 0 and the negative integers.
double gonogo_log_gamma(double x);

// The regularised lower incomplete gamma function P(a, x), for a > 0 and x >= 0.
double gonogo_gamma_p(double a, double x);

// The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), without cancellation.
double gonogo_gamma_q(double a, double x);

// The x with P(a, x) = p, for a > 0 and 0 <= p <= 1.
double gonogo_gamma_p_inverse(double a, double p);

// The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1.
double gonogo_beta_i(double a, double b, double x);

// Its complement 1 - I_x(a, b), without cancellation.
double gonogo_beta_i_complement(double a, double b, double x);

// The x with I_x(a, b) = p, for a, b > 0 and 0 <= p <= 1.
double gonogo_beta_i_inverse(double a, double b, double p);

// The distribution function of the standard normal distribution.
double gonogo_normal_cdf(double x);

// The x below which a standard normal variable falls with probability p, for 0 <= p <= 1.
double gonogo_normal_quantile(double p);

// The distribution function of Student's t distribution, for more than 0 degrees of freedom.
double gonogo_student_t_cdf(double degrees, double x);

// The x below which Student's t falls with probability p, for more than 0 degrees of freedom and 0 <= p <= 1.
double gonogo_student_t_quantile(double degrees, double p);

#ifdef __cplusplus
}
#endif

#endif
