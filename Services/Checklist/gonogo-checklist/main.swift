import ChecklistService
import ServiceKit

await ServiceMain<ChecklistService>.run()
