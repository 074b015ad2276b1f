import MetricsService
import ServiceKit

await ServiceMain<MetricsService>.run()
