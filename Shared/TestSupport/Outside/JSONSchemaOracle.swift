public import JSON

/// Validates JSON against JSON Schemas with Python's `jsonschema`.
public enum JSONSchemaOracle {
  /// One value, with the schema to validate it against.
  public struct Case: Sendable {
    /// The name of the case in the result.
    public var name: String
    /// A schema of the draft given in its `$schema`, 2020-12 by default.
    public var schema: JSONValue
    /// The value.
    public var value: JSONValue

    public init(_ name: String, schema: JSONValue, value: JSONValue) {
      self.name = name
      self.schema = schema
      self.value = value
    }
  }

  /// Whether the package is installed in a version that supports the draft 2020-12; for `.enabled(if:)`.
  public static let isAvailable = PythonOracle.succeeds(
    """
    import jsonschema, referencing
    from importlib.metadata import version
    assert tuple(map(int, version("jsonschema").split(".")[:2])) >= (4, 20)
    """)

  /// The reason for skipping a test that needs it.
  public static let unavailable = "needs python3 with jsonschema 4.20 or later; deploy/test installs it"

  /// Checks each schema against the meta-schema of its draft, and each value against its schema, including formats.
  ///
  /// - Returns: for each error, the name of its case, its location and what is wrong.
  public static func errors(in cases: [Case]) async throws -> [String] {
    let input = JSONValue.array(
      cases.map { ["name": .string($0.name), "schema": $0.schema, "value": $0.value] })
    let output = try await PythonOracle.run(script, input: input.serialized())
    return try JSONValue(parsing: output).arrayValue?.compactMap(\.stringValue) ?? []
  }

  private static let script = """
    import json, sys
    from jsonschema import FormatChecker, SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    errors = []
    for case in json.load(sys.stdin):
        validator = validator_for(case["schema"], default=Draft202012Validator)
        try:
            validator.check_schema(case["schema"])
        except SchemaError as error:
            errors.append(f"{case['name']}: the schema, {error.json_path}: {error.message}")
            continue
        for error in validator(case["schema"], format_checker=FormatChecker()).iter_errors(case["value"]):
            errors.append(f"{case['name']}: {error.json_path}: {error.message}")
    json.dump(errors, sys.stdout)
    """
}
