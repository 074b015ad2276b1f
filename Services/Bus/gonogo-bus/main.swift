import BusService

await BusMain.run()
