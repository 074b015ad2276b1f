import Gateway
import StandardStreams

ProcessEnd.exit(with: await Gateway.run())
