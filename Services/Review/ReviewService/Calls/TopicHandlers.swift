import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The call that returns the topics of a launch's tickets.
enum TopicHandlers {
  static func register(on router: inout ServiceRouter) {
    router.read(ReviewRoutes.topics) { try await topics($0, $1) }
  }

  private static func topics(_ request: TopicsRequest, _ call: CallContext) async throws -> TopicsView {
    let (launch, review) = try await call.environment.database.read {
      try ReviewQueries(call, $0).review(request.launch, request.attempt)
    }
    let loader = RemoteLoader(call)
    let plan = try await loader.plan(of: review.launch)
    let finding = TopicFinding(
      environment: call.environment, launch: launch, attempt: review.attempt,
      attribution: RemoteSources.attribution(of: launch.plan.feature, by: plan))
    let topics = try await finding.topics(until: loader.deadline)
    let attempts = try await call.environment.database.read {
      try LaunchRepository(db: $0).attempts(of: review.launch)
    }
    guard let window = AttemptWindow(of: review.attempt, in: attempts) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt", "\(review.launch) has no attempt \(review.attempt)")
    }
    var view = topics.view(of: review.launch, in: window, at: call.now, notes: TopicNotes.notes(plan: plan))
    if request.assignments == false { (view.tickets, view.assignments) = (nil, nil) }
    return view
  }
}
