import Glibc

/// The natural logarithm of the gamma function.
enum LogGamma {
  /// For a positive argument.
  static func value(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }
}
