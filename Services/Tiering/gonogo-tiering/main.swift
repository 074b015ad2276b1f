import ServiceKit
import TieringService

await ServiceMain<TieringService>.run()
