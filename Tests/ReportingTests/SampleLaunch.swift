import Contract
import JSON
import LaunchModel

@testable import Reporting

/// A launch that worked in part, with answers as the services give them.
enum SampleLaunch {
  static let id = LaunchID("smart-routing")!
}
