"""The gateway: figures read and rows sent over HTTP and WebSocket on the mall's network; off until switched on."""
