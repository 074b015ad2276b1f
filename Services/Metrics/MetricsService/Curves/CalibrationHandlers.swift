import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The call that compares earlier projections with their outcomes.
struct CalibrationHandlers {
  func register(on router: inout ServiceRouter) {
    router.read(MetricsRoutes.calibration, calibration)
  }

  @Sendable
  private func calibration(_ params: CalibrationRequest, _ call: CallContext) async throws -> CalibrationView {
    try Rights.require(call.actor, .read)
    let day = params.day ?? CalibrationRequest.defaultDay
    guard day >= 1 else {
      throw Problem.invalid(
        "invalid-day", title: "invalid day", pointer: "/day",
        "\(day) is not a day of a window: count days from 1 (--day N)")
    }
    let curves = try await call.environment.database.read { try CurveRepository($0).all() }
    return CalibrationView(of: curves, from: day, tier: params.tier)
  }
}
