#include "tls/context.h"

#include "tls/ext/shape.h"

namespace bulla::tls {

void Context::send(EncryptionLevel level, Bytes whole) {
  transcript.add(whole);
  if (common.tap)
    common.tap->on_message({Direction::sent, level, static_cast<HandshakeType>(whole[0]), whole});
  driver.send(level, whole);
}

void Context::shape(std::vector<uint8_t>& whole) const {
  if (!common.wire_shape || info.version == ProtocolVersion::tls12) return;
  apply_shape(*common.wire_shape, info.kind == HandshakeKind::retried, whole);
}

namespace {
constexpr char hex_digits[] = "0123456789abcdef";
}  // namespace

void Context::log_secret(std::string_view label, Bytes secret) const {
  if (common.tap) common.tap->on_secret({label, client_random, secret});
  if (!common.key_log) return;
  // No reallocation and no temporary may leave a copy of the secret behind.
  std::string line;
  line.reserve(label.size() + 2 + 2 * (client_random.size() + secret.size()));
  line += label;
  for (const Bytes field : {Bytes(client_random), secret}) {
    line += ' ';
    for (const uint8_t b : field) {
      line += hex_digits[b >> 4];
      line += hex_digits[b & 15];
    }
  }
  common.key_log->write(line);
  wipe(MutBytes{reinterpret_cast<uint8_t*>(line.data()), line.size()});
}

void Context::decided(std::string_view what, std::string value) const {
  if (common.tap) common.tap->on_decision({what, std::move(value)});
}

}  // namespace bulla::tls
