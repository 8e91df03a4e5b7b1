"""The transports: one device behind BLE, a serial port or a socket, kept connected.

Each implements :class:`trackside.capture.connection.Connection`.
"""
