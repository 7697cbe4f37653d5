#include "tls/ext/pre_shared_key.h"

namespace bulla::tls {

OfferedPsks OfferedPsks::decode(Reader& r) {
  OfferedPsks psks;
  Reader identities = r.u16_prefixed(7);
  while (identities.more()) {
    const Bytes identity = identities.u16_bytes(1);
    const uint32_t age = identities.u32();
    if (identities.ok()) psks.identities.push_back({identity, age});
  }
  r.require_done(identities);

  // PskBinderEntry<32..255>, but a binder that is too short is left to be compared: RFC 9846 §4.3.11.2 wants
  // one that does not validate to be a decrypt_error, and it does not validate.
  Reader binders = r.u16_prefixed(2);
  psks.binders_size = 2 + binders.left();
  while (binders.more()) {
    const Bytes binder = binders.u8_bytes(1, 255);
    if (binders.ok()) psks.binders.push_back(binder);
  }
  r.require_done(binders);
  if (!r.ok()) return {};
  return psks;
}

void OfferedPsks::encode(Writer& w) const {
  w.u16_prefixed([&](Writer& list) {
    for (const PskIdentity& psk : identities) {
      list.u16_bytes(psk.identity);
      list.u32(psk.obfuscated_ticket_age);
    }
  });
  w.u16_prefixed([&](Writer& list) {
    for (const Bytes binder : binders) list.u8_bytes(binder);
  });
}

}  // namespace bulla::tls
