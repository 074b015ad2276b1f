import CZeroMQ

extension RawSocket {
  /// Makes what is bound from here on a server that only clients with a key that is let in may use.
  func serveCurve(_ identity: CurveIdentity) throws(ZeroMQError) {
    try set(ZMQ_ZAP_DOMAIN, text: Authenticator.domain)
    try set(ZMQ_CURVE_SERVER, 1)
    try set(ZMQ_CURVE_SECRETKEY, text: identity.own.secret)
    try keepAlive()
  }

  /// Makes what is connected from here on a client that proves itself, and asks the server to.
  func connectCurve(_ own: CurveKeyPair, to server: CurveKey) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVERKEY, text: server.text)
    try set(ZMQ_CURVE_PUBLICKEY, text: own.publicKey.text)
    try set(ZMQ_CURVE_SECRETKEY, text: own.secret)
    try keepAlive()
  }

  /// Lets the kernel find out within a minute that the other host is gone, and IPv6 be used.
  private func keepAlive() throws(ZeroMQError) {
    try set(ZMQ_IPV6, 1)
    try set(ZMQ_TCP_KEEPALIVE, 1)
    try set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
    try set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    try set(ZMQ_TCP_KEEPALIVE_CNT, 3)
  }
}
