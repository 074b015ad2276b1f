public import JSON
public import LaunchModel

extension MetricPlan {
  /// Reads a metric file (contract.md, "Metric file") for a launch's feature.
  ///
  /// - Throws: `invalid` with every fault.
  public init(reading document: JSONValue, feature: String) throws(Problem) {
    self = try Self.read(document, feature: feature, DocumentFaults())
  }

  /// Reads a definition as `definition` writes it; what a later version may have added is passed over.
  ///
  /// - Throws: `invalid` where it is none.
  public init(definition: JSONValue) throws(Problem) {
    let feature = definition["feature"]?.stringValue ?? ""
    self = try Self.read(definition, feature: feature, DocumentFaults(ignoresUnknownFields: true))
  }

  private static func read(
    _ document: JSONValue, feature: String, _ faults: DocumentFaults
  ) throws(Problem) -> MetricPlan {
    var metrics: [Metric] = []
    if let reader = FieldReader(document, knowing: ["metrics"], faults) {
      reader.require("metrics", "list at least one, as - {key: adoption, kind: adoption, target: \">= 30%\"}")
      let elements = reader.elements("metrics") ?? []
      if elements.isEmpty, reader.value("metrics") != nil {
        reader.fault("metrics", "this must name at least one metric")
      }
      var keys: Set<String> = []
      for (pointer, value) in elements {
        if let metric = MetricReader(value, at: pointer, faults)?.metric() { metrics.append(metric) }
        if let key = value["key"]?.stringValue, !keys.insert(key).inserted {
          faults.add(pointer.appending("key"), "the key \"\(key)\" stands here twice")
        }
      }
    }
    let plan = MetricPlan(feature: feature, metrics: metrics)
    return try faults.finish(plan, "invalid-metrics", title: "the metric file has faults")
  }
}
