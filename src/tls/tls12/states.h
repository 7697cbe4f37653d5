// The states of a TLS 1.2 handshake, RFC 5246 §7.3 and §7.4. Files read in the order of the flow: client.cpp,
// client_finish.cpp, server.cpp, server_finish.cpp.
#pragma once
