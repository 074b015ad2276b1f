#include "special_functions.h"

#include <cmath>
#include <limits>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace {

namespace policies = boost::math::policies;

// Errors do not throw. Doubles are not promoted, because `long double` differs among processors.
using Policy = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>, policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>, policies::indeterminate_result_error<policies::ignore_error>,
    policies::promote_float<false>, policies::promote_double<false>>;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Returns whether a parameter is positive and finite; false for NaN.
bool is_positive(double value) { return value > 0 && value < infinity; }

bool is_probability(double value) { return value >= 0 && value <= 1; }

// Returns the function's value; NaN if it throws.
template <typename Function>
double evaluate(Function function) noexcept {
  try {
    return function();
  } catch (...) {
    return not_a_number;
  }
}

}  // namespace

double gonogo_log_gamma(double x) {
  if (std::isnan(x)) return not_a_number;
  if (std::isinf(x) || (x <= 0 && std::floor(x) == x)) return infinity;
  return evaluate([=] { return boost::math::lgamma(x, Policy()); });
}

double gonogo_gamma_p(double a, double x) {
  if (!is_positive(a) || !(x >= 0)) return not_a_number;
  if (x == infinity) return 1;
  return evaluate([=] { return boost::math::gamma_p(a, x, Policy()); });
}

double gonogo_gamma_q(double a, double x) {
  if (!is_positive(a) || !(x >= 0)) return not_a_number;
  if (x == infinity) return 0;
  return evaluate([=] { return boost::math::gamma_q(a, x, Policy()); });
}

double gonogo_gamma_p_inverse(double a, double p) {
  if (!is_positive(a) || !is_probability(p)) return not_a_number;
  if (p == 1) return infinity;
  return evaluate([=] { return boost::math::gamma_p_inv(a, p, Policy()); });
}

double gonogo_beta_i(double a, double b, double x) {
  if (!is_positive(a) || !is_positive(b) || !is_probability(x)) return not_a_number;
  return evaluate([=] { return boost::math::ibeta(a, b, x, Policy()); });
}

double gonogo_beta_i_complement(double a, double b, double x) {
  if (!is_positive(a) || !is_positive(b) || !is_probability(x)) return not_a_number;
  return evaluate([=] { return boost::math::ibetac(a, b, x, Policy()); });
}

double gonogo_beta_i_inverse(double a, double b, double p) {
  if (!is_positive(a) || !is_positive(b) || !is_probability(p)) return not_a_number;
  return evaluate([=] { return boost::math::ibeta_inv(a, b, p, Policy()); });
}

double gonogo_normal_cdf(double x) {
  if (std::isnan(x)) return not_a_number;
  return evaluate([=] { return boost::math::erfc(-x / std::sqrt(2.0), Policy()) / 2; });
}

double gonogo_normal_quantile(double p) {
  if (!is_probability(p)) return not_a_number;
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  return evaluate([=] { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p, Policy()); });
}

double gonogo_student_t_cdf(double degrees, double x) {
  if (!is_positive(degrees) || std::isnan(x)) return not_a_number;
  if (std::isinf(x)) return x < 0 ? 0 : 1;
  return evaluate(
      [=] { return boost::math::cdf(boost::math::students_t_distribution<double, Policy>(degrees), x); });
}

double gonogo_student_t_quantile(double degrees, double p) {
  if (!is_positive(degrees) || !is_probability(p)) return not_a_number;
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  return evaluate(
      [=] { return boost::math::quantile(boost::math::students_t_distribution<double, Policy>(degrees), p); });
}
