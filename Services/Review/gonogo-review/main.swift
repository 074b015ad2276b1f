import ReviewService
import ServiceKit

await ServiceMain<ReviewService>.run()
