#include "pki/pkcs12_ber.h"

#include "asn1/der_reader.h"
#include "pki/secret_der.h"

#include <optional>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr uint8_t constructed_bit = 0x20;
constexpr uint8_t octet_string_in_pieces = tag::octet_string | constructed_bit;

class Rewriter {
 public:
  explicit Rewriter(Bytes ber) noexcept : rest_(ber) {}

  /// One element, whatever it is; whether all went well and nothing is left.
  bool rewrite(DerWriter& w) {
    element(w, 0);
    if (!why_ && !rest_.empty()) why_ = "bytes follow where none may";
    return why_ == nullptr;
  }
  const char* why() const noexcept { return why_; }

 private:
  struct Header {
    uint8_t tag = 0;
    std::optional<size_t> length = {};  ///< none: up to the end-of-contents octets
  };

  void fail(const char* why) noexcept {
    if (!why_) why_ = why;
    rest_ = {};
  }

  /// X.690 §8.1.3.
  Header header() noexcept {
    if (rest_.size() < 2) return fail("an element is missing or cut off"), Header{};
    Header out{.tag = rest_[0]};
    if ((out.tag & 0x1f) == 0x1f) return fail("a tag of more than one octet"), Header{};
    if ((out.tag & ~constructed_bit) == 0) return fail("the end of contents where none is open"), Header{};
    const uint8_t first = rest_[1];
    const size_t octets = first & 0x7f;
    rest_ = rest_.subspan(2);
    if (first < 0x80) return out.length = first, out;
    if (octets == 0) return out;
    if (octets > 4 || rest_.size() < octets) return fail("a length is cut off, or beyond reason"), Header{};
    size_t length = 0;
    for (size_t i = 0; i < octets; ++i) length = length << 8 | rest_[i];
    rest_ = rest_.subspan(octets);
    if (length < 0x80 || length >> (8 * (octets - 1)) == 0)
      return fail("a length is not in its shortest form"), Header{};
    return out.length = length, out;
  }

  bool at_end_of_contents() const noexcept { return rest_.size() >= 2 && rest_[0] == 0 && rest_[1] == 0; }

  void element(DerWriter& w, unsigned depth) {
    if (depth > DerReader::max_depth) return fail("elements nest too deeply");
    const Header h = header();
    if (why_) return;
    if (h.length && *h.length > rest_.size()) return fail("an element is longer than what holds it");
    if (h.tag & constructed_bit) {
      if (h.tag == octet_string_in_pieces)
        w.constructed(tag::octet_string, [&](DerWriter& w) { children(w, h, depth, Pieces::of_octets); });
      else
        w.constructed(h.tag, [&](DerWriter& w) { children(w, h, depth, Pieces::whole); });
      return;
    }
    if (!h.length) return fail("a primitive element of indefinite length");
    w.value(h.tag, rest_.first(*h.length));
    rest_ = rest_.subspan(*h.length);
  }

  /// Elements, or the pieces of an OCTET STRING, whose contents follow one another.
  enum class Pieces : uint8_t { whole, of_octets };
  void children(DerWriter& w, const Header& h, unsigned depth, Pieces pieces) {
    const Bytes all = rest_;
    if (h.length) rest_ = all.first(*h.length);
    while (!why_ && !(h.length ? rest_.empty() : at_end_of_contents())) {
      if (pieces == Pieces::whole)
        element(w, depth + 1);
      else
        piece(w, depth + 1);
    }
    if (why_) return;
    rest_ = h.length ? all.subspan(*h.length) : rest_.subspan(2);
  }

  void piece(DerWriter& w, unsigned depth) {
    if (depth > DerReader::max_depth) return fail("elements nest too deeply");
    const Header h = header();
    if (why_) return;
    if (h.length && *h.length > rest_.size()) return fail("an element is longer than what holds it");
    if (h.tag == octet_string_in_pieces) return children(w, h, depth, Pieces::of_octets);
    if (h.tag != tag::octet_string || !h.length)
      return fail("a piece of an OCTET STRING is none itself");  // X.690 §8.7.3.2
    w.raw(rest_.first(*h.length));
    rest_ = rest_.subspan(*h.length);
  }

  Bytes rest_;
  const char* why_ = nullptr;
};

}  // namespace

Result<SecretBytes> with_definite_lengths(Bytes ber) {
  Rewriter rewriter(ber);
  bool good = false;
  // An indefinite length costs four octets, a definite one two more at most.
  SecretBytes out =
      secret_der(ber.size() + ber.size() / 2 + 8, [&](DerWriter& w) { good = rewriter.rewrite(w); });
  if (!good) return Error{ErrorCode::pkcs12_malformed, rewriter.why()};
  return out;
}

}  // namespace bulla::pki
