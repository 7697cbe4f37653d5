#include "crypto/ml_dsa/pack.h"

#include "base/ct.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto::ml_dsa {

MutBytes pack(MutBytes out, const Poly& p, unsigned bits, int32_t offset) noexcept {
  uint64_t held = 0;
  unsigned count = 0;
  size_t at = 0;
  for (const int32_t c : p) {
    const int32_t value = offset == 0 ? c : offset - c;
    held |= uint64_t{static_cast<uint32_t>(value)} << count;
    for (count += bits; count >= 8; count -= 8, held >>= 8) out[at++] = static_cast<uint8_t>(held);
  }
  return out.subspan(at);
}

Poly unpack(Bytes in, unsigned bits, int32_t offset) noexcept {
  Poly p;
  uint64_t held = 0;
  unsigned count = 0;
  size_t at = 0;
  for (int32_t& c : p) {
    for (; count < bits; count += 8) held |= uint64_t{in[at++]} << count;
    const auto value = static_cast<int32_t>(held & ((uint64_t{1} << bits) - 1));
    c = offset == 0 ? value : offset - value;
    held >>= bits;
    count -= bits;
  }
  return p;
}

namespace {

constexpr unsigned t1_bits = 10;  // the bits of q - 1 without the d that are dropped
constexpr int32_t t0_offset = 1 << (d - 1);

/// Bytes of one polynomial.
constexpr size_t packed_size(unsigned bits) noexcept {
  return n / 8 * bits;
}

Bytes take(Bytes& from, size_t size) noexcept {
  const Bytes taken = from.first(size);
  from = from.subspan(size);
  return taken;
}

MutBytes put(MutBytes out, Bytes bytes) noexcept {
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out.subspan(bytes.size());
}

MutBytes put(MutBytes out, const Polys& polys, unsigned bits, int32_t offset) noexcept {
  for (const Poly& p : polys) out = pack(out, p, bits, offset);
  return out;
}

void take_polys(Bytes& from, Polys& out, unsigned bits, int32_t offset) noexcept {
  for (Poly& p : out) p = unpack(take(from, packed_size(bits)), bits, offset);
}

bool within(const Polys& polys, int32_t bound) noexcept {
  return std::ranges::none_of(polys, [&](const Poly& p) { return exceeds(p, bound + 1); });
}

/// FIPS 204 §7.1, HintBitUnpack: the places of each row in ascending order, then how many there are up to it;
/// what is not used is zero.
bool decode_hints(Bytes bytes, size_t omega, Hints& hints) noexcept {
  const Bytes places = bytes.first(omega), ends = bytes.subspan(omega);
  size_t at = 0;
  for (size_t row = 0; row < hints.size(); ++row) {
    if (ends[row] < at || ends[row] > omega) return false;
    for (const size_t first = at; at < ends[row]; ++at) {
      if (at > first && places[at] <= places[at - 1]) return false;
      hints[row][places[at]] = true;
    }
  }
  return std::ranges::all_of(places.subspan(at), [](uint8_t unused) { return unused == 0; });
}

void encode_hints(MutBytes out, size_t omega, const Hints& hints) noexcept {
  size_t at = 0;
  for (size_t row = 0; row < hints.size(); ++row) {
    for (size_t place = 0; place < n; ++place)
      if (hints[row][place]) out[at++] = static_cast<uint8_t>(place);
    out[omega + row] = static_cast<uint8_t>(at);
  }
}

}  // namespace

PublicKey decode_public_key(const Parameters& with, Bytes bytes) {
  PublicKey key{take(bytes, 32), {}};
  for (size_t i = 0; i < with.k; ++i) key.t1.push_back(unpack(take(bytes, packed_size(t1_bits)), t1_bits, 0));
  return key;
}

std::vector<uint8_t> encode_public_key(Bytes rho, const Polys& t1) {
  std::vector<uint8_t> out(32 + t1.size() * packed_size(t1_bits));
  put(put(out, rho), t1, t1_bits, 0);
  return out;
}

PrivateKey::PrivateKey(const Parameters& with, Bytes bytes)
    : rho(take(bytes, 32)), k(take(bytes, 32)), tr(take(bytes, 64)), s1(with.l), s2(with.k), t0(with.k) {
  take_polys(bytes, s1, with.eta_bits(), with.eta);
  take_polys(bytes, s2, with.eta_bits(), with.eta);
  take_polys(bytes, t0, d, t0_offset);
}

bool PrivateKey::valid(const Parameters& with) const noexcept {
  return within(s1, with.eta) && within(s2, with.eta);
}

SecretBytes encode_private_key(const Parameters& with, Bytes rho, Bytes k, Bytes tr, const Polys& s1,
                               const Polys& s2, const Polys& t0) {
  SecretBytes out(with.private_key_size());
  MutBytes rest = put(put(put(out.writable(), rho), k), tr);
  rest = put(rest, s1, with.eta_bits(), with.eta);
  rest = put(rest, s2, with.eta_bits(), with.eta);
  put(rest, t0, d, t0_offset);
  return out;
}

std::optional<Signature> decode_signature(const Parameters& with, Bytes bytes) {
  if (bytes.size() != with.signature_size()) return std::nullopt;
  Signature out{take(bytes, with.challenge_size()), {}, Hints(with.k)};
  for (size_t i = 0; i < with.l; ++i)
    out.z.push_back(unpack(take(bytes, packed_size(with.z_bits())), with.z_bits(), with.gamma1));
  if (!decode_hints(bytes, with.omega, out.hints)) return std::nullopt;
  return out;
}

std::vector<uint8_t> encode_signature(const Parameters& with, Bytes challenge, const Polys& z,
                                      const Hints& hints) {
  std::vector<uint8_t> out(with.signature_size());
  const MutBytes rest = put(put(out, challenge), z, with.z_bits(), with.gamma1);
  encode_hints(rest, with.omega, hints);
  ct::declassify(out.data(), out.size(), "a signature");
  return out;
}

}  // namespace bulla::crypto::ml_dsa
