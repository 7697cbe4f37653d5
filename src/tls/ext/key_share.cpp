#include "tls/ext/key_share.h"

namespace bulla::tls {

namespace {
// More groups than anybody offers: what a hello may make us hold is bounded before it is held.
constexpr size_t max_client_shares = 64;
}  // namespace

KeyShareEntry KeyShareEntry::decode(Reader& r) noexcept {
  KeyShareEntry entry;
  entry.group = static_cast<NamedGroup>(r.u16());
  entry.key_exchange = r.u16_bytes(1);
  return entry;
}

void KeyShareEntry::encode(Writer& w) const {
  w.value(group);
  w.u16_bytes(key_exchange);
}

std::vector<KeyShareEntry> decode_client_shares(Reader& r) {
  Reader list = r.u16_prefixed();
  std::vector<KeyShareEntry> shares;
  while (list.more() && shares.size() < max_client_shares) shares.push_back(KeyShareEntry::decode(list));
  r.require_done(list);
  if (!r.ok()) return {};
  return shares;
}

void encode_client_shares(Writer& w, std::span<const KeyShareEntry> shares) {
  w.u16_prefixed([&](Writer& list) {
    for (const KeyShareEntry& share : shares) share.encode(list);
  });
}

}  // namespace bulla::tls
