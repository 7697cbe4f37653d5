// The C API's configs.
#include "capi/handles.h"

#include <bulla/os.h>

#include <memory>
#include <new>

namespace bulla::capi {

bool split_protocols(std::string_view text, std::vector<std::string>& out) {
  std::vector<std::string> parts;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    if (part.empty()) return false;
    parts.emplace_back(part);
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  out = std::move(parts);
  return true;
}

bool versions_of(int lowest, int highest, VersionRange& out) noexcept {
  const auto version = [](int v) { return v == 12 ? ProtocolVersion::tls12 : ProtocolVersion::tls13; };
  if (lowest < 12 || highest > 13 || lowest > highest) return false;
  out = {version(lowest), version(highest)};
  return true;
}

Result<RootStore> roots_of(Bytes pem_or_der) {
  RootStore store;
  BULLA_TRY(store.add(pem_or_der));
  return store;
}

namespace {

Bytes bytes_of(const uint8_t* data, size_t size) {
  return {data, size};
}

template <class Config>
bulla_status refused(Config& config, const char* why) {
  config.error = why;
  return BULLA_BAD_ARGUMENT;
}

/// Changes a config that no connection uses yet.
template <class Config, class Body>
bulla_status change(Config* config, Body&& body) noexcept {
  if (!config) return BULLA_BAD_ARGUMENT;
  return locked(*config, [&] {
    if (config->made)
      return refused(*config, "the config is in use: set its fields before the first connection");
    return body();
  });
}

template <class Config>
bulla_status set_alpn(Config* config, const char* protocols) noexcept {
  return change(config, [&] {
    if (protocols && split_protocols(protocols, config->options.common.alpn)) return BULLA_OK;
    return refused(*config, "an ALPN protocol is empty");
  });
}

template <class Config>
bulla_status set_versions(Config* config, int lowest, int highest) noexcept {
  return change(config, [&] {
    if (versions_of(lowest, highest, config->options.common.versions)) return BULLA_OK;
    return refused(*config, "the versions are 12 (TLS 1.2) or 13 (TLS 1.3), the lowest first");
  });
}

/// The text is a copy for this thread: another one may fail with the same config meanwhile.
template <class Config>
const char* error_of(const Config* config) noexcept {
  if (!config) return "null config";
  thread_local std::string text;
  const bulla_status copied = locked(*config, [&] {
    text = config->error;
    return BULLA_OK;
  });
  return copied == BULLA_OK ? text.c_str() : "out of memory";
}

Result<IdentityPtr> identity_of(const uint8_t* chain, size_t chain_len, const uint8_t* key, size_t key_len,
                                const char* passphrase) {
  return Identity::from_bytes(bytes_of(chain, chain_len), bytes_of(key, key_len),
                              passphrase ? std::string_view(passphrase) : std::string_view());
}

void set(bulla_status* out, bulla_status status) {
  if (out) *out = status;
}

}  // namespace
}  // namespace bulla::capi

using namespace bulla::capi;

bulla_client_config* bulla_client_config_new(bulla_status* status) {
  bulla_client_config* config = nullptr;
  set(status, guarded([&] {
        auto made = std::make_unique<bulla_client_config>();
        made->options.sessions = std::make_shared<bulla::MemorySessionStore>();
        config = made.release();
        return BULLA_OK;
      }));
  return config;
}

void bulla_client_config_free(bulla_client_config* config) {
  delete config;
}

bulla_status bulla_client_config_roots(bulla_client_config* config, const uint8_t* pem_or_der, size_t len) {
  return change(config, [&] {
    if (!pem_or_der) return refused(*config, "no roots were given");
    auto roots = roots_of(bytes_of(pem_or_der, len));
    if (!roots) return failed(*config, roots.error());
    config->options.roots = *std::move(roots);
    config->options.verifier = nullptr;
    return BULLA_OK;
  });
}

bulla_status bulla_client_config_identity(bulla_client_config* config, const uint8_t* chain, size_t chain_len,
                                          const uint8_t* key, size_t key_len, const char* passphrase) {
  return change(config, [&] {
    if (!chain || !key) return refused(*config, "an identity is a certificate chain and its key");
    auto identity = identity_of(chain, chain_len, key, key_len, passphrase);
    if (!identity) return failed(*config, identity.error());
    config->options.identity = *std::move(identity);
    return BULLA_OK;
  });
}

bulla_status bulla_client_config_alpn(bulla_client_config* config, const char* protocols) {
  return set_alpn(config, protocols);
}

bulla_status bulla_client_config_versions(bulla_client_config* config, int lowest, int highest) {
  return set_versions(config, lowest, highest);
}

bulla_status bulla_client_config_dangerous_accept_any(bulla_client_config* config) {
  return change(config, [&] {
    config->options.roots.reset();
    config->options.verifier =
        bulla::dangerous::accept_any_certificate("bulla_client_config_dangerous_accept_any");
    return BULLA_OK;
  });
}

const char* bulla_client_config_error(const bulla_client_config* config) {
  return error_of(config);
}

bulla_server_config* bulla_server_config_new(const uint8_t* chain, size_t chain_len, const uint8_t* key,
                                             size_t key_len, const char* passphrase, bulla_status* status) {
  auto* config = new (std::nothrow) bulla_server_config();
  set(status, config ? BULLA_OK : BULLA_NO_MEMORY);
  if (!config) return nullptr;
  set(status, guarded([&] {
        if (!chain || !key) return refused(*config, "a server needs a certificate chain and its key");
        auto identity = identity_of(chain, chain_len, key, key_len, passphrase);
        if (!identity) return failed(*config, identity.error());
        config->options.identity = *std::move(identity);
        config->options.tickets = bulla::RotatingTickets::fresh();
        return BULLA_OK;
      }));
  return config;
}

void bulla_server_config_free(bulla_server_config* config) {
  delete config;
}

bulla_status bulla_server_config_client_auth(bulla_server_config* config, bulla_client_auth auth,
                                             const uint8_t* roots, size_t roots_len) {
  return change(config, [&] {
    if (auth < BULLA_CLIENT_AUTH_NONE || auth > BULLA_CLIENT_AUTH_REQUIRED)
      return refused(*config, "no such way of client authentication");
    if (auth != BULLA_CLIENT_AUTH_NONE && !roots)
      return refused(*config, "client authentication needs the roots of client certificates");
    config->options.client_auth = static_cast<bulla::ClientAuth>(auth);
    config->options.client_roots.reset();
    if (auth == BULLA_CLIENT_AUTH_NONE) return BULLA_OK;
    // Until these roots turn out good, no connection can be made: nobody is let in by a mistake.
    auto store = roots_of(bytes_of(roots, roots_len));
    if (!store) return failed(*config, store.error());
    config->options.client_roots = *std::move(store);
    return BULLA_OK;
  });
}

bulla_status bulla_server_config_alpn(bulla_server_config* config, const char* protocols) {
  return set_alpn(config, protocols);
}

bulla_status bulla_server_config_versions(bulla_server_config* config, int lowest, int highest) {
  return set_versions(config, lowest, highest);
}

const char* bulla_server_config_error(const bulla_server_config* config) {
  return error_of(config);
}
