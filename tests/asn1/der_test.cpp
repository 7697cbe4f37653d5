// DerReader refuses everything that is not DER; DerWriter writes what DerReader takes.
#include "asn1/der_reader.h"
#include "asn1/der_writer.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

namespace bulla::asn1 {
namespace {

using test::from_hex;

/// What a reader says after `read` had the bytes; empty where all is well.
template <class F>
std::string verdict(std::string_view hex, F&& read) {
  const auto der = from_hex(hex);
  DerReader r(der);
  read(r);
  return r.why();
}

TEST(DerReaderTest, RefusesLengthsThatAreNotDer) {
  const auto any = [](DerReader& r) { r.any(); };
  EXPECT_EQ(verdict("0403010203", any), "");
  EXPECT_NE(verdict("", any), "");
  EXPECT_NE(verdict("04", any), "");
  EXPECT_NE(verdict("040301", any), "");    // cut off
  EXPECT_NE(verdict("04810101", any), "");  // long form where the short one does
  EXPECT_NE(verdict("04820001"
                    "01",
                    any),
            "");  // leading zero
  EXPECT_NE(verdict("0480"
                    "0000",
                    any),
            "");  // indefinite
  EXPECT_NE(verdict("0485"
                    "0100000000",
                    any),
            "");  // beyond reason
  EXPECT_NE(verdict("04ff", any), "");
  EXPECT_NE(verdict("0484ffffffff"
                    "00",
                    any),
            "");
  EXPECT_NE(verdict("1f0100", any), "");  // a tag of several octets
  EXPECT_NE(verdict("0000", any), "");    // the end of an indefinite length
  EXPECT_NE(verdict("200100", any), "");
  EXPECT_NE(verdict("040100"
                    "00",
                    any),
            "");  // bytes follow
  EXPECT_EQ(verdict("048180" + std::string(256, '0'), any), "");
}

TEST(DerReaderTest, RefusesIntegersThatAreNotDer) {
  const auto integer = [](DerReader& r) { r.integer(); };
  const auto natural = [](DerReader& r) { r.unsigned_integer(); };
  EXPECT_EQ(verdict("020100", integer), "");
  EXPECT_EQ(verdict("02020080", integer), "");
  EXPECT_EQ(verdict("020180", integer), "");
  EXPECT_NE(verdict("0200", integer), "");
  EXPECT_NE(verdict("02020001", integer), "");
  EXPECT_NE(verdict("0202ff80", integer), "");
  EXPECT_NE(verdict("020180", natural), "");
  EXPECT_NE(verdict("030100", integer), "");
  const auto der = from_hex(
      "0202"
      "0080");
  DerReader r(der);
  EXPECT_EQ(to_hex(r.unsigned_integer()), "80");
  EXPECT_TRUE(r.done());
}

TEST(DerReaderTest, BoundsSmallIntegers) {
  const auto read = [](std::string_view hex, uint64_t max) {
    const auto der = from_hex(hex);
    DerReader r(der);
    const uint64_t value = r.small_integer(max);
    return r.done() ? std::optional(value) : std::nullopt;
  };
  EXPECT_EQ(read("02020100", 256), 256u);
  EXPECT_EQ(read("02020100", 255), std::nullopt);
  EXPECT_EQ(read("020900ffffffffffffffff", UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(read("0209010000000000000000", UINT64_MAX), std::nullopt);
  EXPECT_EQ(read("020a00ffffffffffffffffff", UINT64_MAX), std::nullopt);
  EXPECT_EQ(read("0201ff", UINT64_MAX), std::nullopt);
}

TEST(DerReaderTest, RefusesOtherTypesThatAreNotDer) {
  const auto boolean = [](DerReader& r) { r.boolean(); };
  EXPECT_EQ(verdict("0101ff", boolean), "");
  EXPECT_EQ(verdict("010100", boolean), "");
  EXPECT_NE(verdict("010101", boolean), "");
  EXPECT_NE(verdict("0100", boolean), "");
  EXPECT_NE(verdict("0102ffff", boolean), "");
  const auto null = [](DerReader& r) { r.null(); };
  EXPECT_EQ(verdict("0500", null), "");
  EXPECT_NE(verdict("050100", null), "");
  const auto bits = [](DerReader& r) { r.bit_string(); };
  EXPECT_EQ(verdict("030100", bits), "");
  EXPECT_EQ(verdict("030204f0", bits), "");
  EXPECT_NE(verdict("0300", bits), "");
  EXPECT_NE(verdict("030101", bits), "");        // unused bits of nothing
  EXPECT_NE(verdict("030208ff", bits), "");      // more than seven
  EXPECT_NE(verdict("030204f1", bits), "");      // unused bits that are set
  EXPECT_NE(verdict("230403020101", bits), "");  // constructed
  EXPECT_NE(verdict("03020480", [](DerReader& r) { r.bit_string_octets(); }), "");
  EXPECT_NE(verdict("03020480", [](DerReader& r) { r.named_bits(); }), "");
  EXPECT_EQ(verdict("03020780", [](DerReader& r) { r.named_bits(); }), "");
  const auto oid = [](DerReader& r) { r.oid(); };
  EXPECT_EQ(verdict("06032a0304", oid), "");
  EXPECT_NE(verdict("0600", oid), "");
  EXPECT_NE(verdict("06022a80", oid), "");                      // not ended
  EXPECT_NE(verdict("06032a8001", oid), "");                    // padded
  EXPECT_NE(verdict("060c2affffffffffffffffffff7f", oid), "");  // an arc beyond 64 bits
}

TEST(DerReaderTest, SequencesLeaveNothingOver) {
  const auto two = [](DerReader& r) {
    r.sequence([](DerReader& r) {
      r.null();
      r.null();
    });
  };
  EXPECT_EQ(verdict("300405000500", two), "");
  EXPECT_NE(verdict("30020500", two), "");
  EXPECT_NE(verdict("3006050005000500", two), "");
  EXPECT_NE(verdict("310405000500", two), "");
}

TEST(DerReaderTest, StaysFailedAndYieldsNothing) {
  const auto der = from_hex("0401aa0500");
  DerReader r(der);
  r.null();
  EXPECT_FALSE(r.ok());
  const std::string why = r.why();
  EXPECT_TRUE(r.octet_string().empty());
  EXPECT_TRUE(r.any().whole.empty());
  EXPECT_EQ(r.small_integer(10), 0u);
  EXPECT_FALSE(r.more());
  EXPECT_FALSE(r.next_is(tag::null));
  bool called = false;
  r.sequence([&](DerReader&) { called = true; });
  EXPECT_FALSE(called);
  EXPECT_EQ(r.why(), why);  // the first reason stays
}

TEST(DerReaderTest, BoundsDepth) {
  std::vector<uint8_t> der;
  for (int i = 0; i < 40; ++i) {
    std::vector<uint8_t> outer = {0x30, static_cast<uint8_t>(der.size())};
    outer.insert(outer.end(), der.begin(), der.end());
    der = std::move(outer);
  }
  struct Descent {
    unsigned depth = 0;
    void operator()(DerReader& r) {
      ++depth;
      if (r.more()) r.sequence([this](DerReader& inner) { (*this)(inner); });
    }
  } descent;
  DerReader r(der);
  descent(r);
  EXPECT_FALSE(r.done());
  EXPECT_LE(descent.depth, DerReader::max_depth + 1);
}

TEST(DerWriterTest, WritesWhatTheReaderTakes) {
  const auto der = to_der([](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.integer(0);
      w.integer(127);
      w.integer(128);
      w.integer(UINT64_MAX);
      w.unsigned_integer(std::vector<uint8_t>{0, 0, 5});
      w.boolean(true);
      w.null();
      w.oid(oids::p256);
      w.octet_string(std::vector<uint8_t>(300, 7));
      w.bit_string(std::vector<uint8_t>{1, 2});
      w.named_bits(1u << 0 | 1u << 8);
      w.enumerated(3);
      w.explicit_tag(2, [](DerWriter& w) { w.utf8_string("ü"); });
    });
  });
  DerReader outer(der);
  outer.sequence([](DerReader& r) {
    EXPECT_EQ(r.small_integer(1), 0u);
    EXPECT_EQ(r.small_integer(127), 127u);
    EXPECT_EQ(r.small_integer(128), 128u);
    EXPECT_EQ(r.small_integer(UINT64_MAX), UINT64_MAX);
    EXPECT_EQ(r.small_integer(5), 5u);
    EXPECT_TRUE(r.boolean());
    r.null();
    EXPECT_TRUE(oids::p256 == r.oid());
    EXPECT_EQ(r.octet_string().size(), 300u);
    EXPECT_EQ(to_hex(r.bit_string_octets()), "0102");
    const BitString bits = r.named_bits();
    EXPECT_TRUE(bits.bit(0) && bits.bit(8) && !bits.bit(1) && !bits.bit(9) && !bits.bit(1000));
    EXPECT_EQ(r.small_integer(tag::enumerated, 3), 3u);
    r.explicit_tag(2, [](DerReader& r) { EXPECT_EQ(as_text(r.content(tag::utf8_string)), "ü"); });
  });
  EXPECT_TRUE(outer.done()) << outer.why();
}

TEST(DerWriterTest, WritesLengthsInTheirShortestForm) {
  for (const size_t size : {0u, 1u, 127u, 128u, 255u, 256u, 65535u, 65536u}) {
    const auto der = to_der(
        [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.octet_string(std::vector<uint8_t>(size)); }); });
    DerReader r(der);
    r.sequence([&](DerReader& r) { EXPECT_EQ(r.octet_string().size(), size); });
    EXPECT_TRUE(r.done()) << size << ' ' << r.why();
  }
}

TEST(DerWriterTest, SortsSets) {
  const auto der = to_der([](DerWriter& w) {
    w.set([](DerWriter& w) {
      w.integer(2);
      w.null();
      w.integer(1);
    });
  });
  EXPECT_EQ(to_hex(der),
            "3108020101020102"
            "0500");
}

TEST(OidTest, ReadsAndPrints) {
  EXPECT_EQ(to_hex(oids::rsassa_pss.content()), "2a864886f70d01010a");
  for (const Oid& one : {oids::p256, oids::p384, oids::user_id, oids::any_policy, oids::ed25519})
    EXPECT_TRUE(is_valid_oid(one.content()));
  EXPECT_EQ(to_dotted(oids::user_id.content()), "0.9.2342.19200300.100.1.1");
  EXPECT_EQ(to_dotted(from_hex("883703")), "2.999.3");
  EXPECT_EQ(to_dotted(from_hex("80")), "(malformed)");
  EXPECT_EQ(to_dotted({}), "(malformed)");
  // One of sixty thousand arcs is printed to where nobody reads on.
  const std::string cut = to_dotted(std::vector<uint8_t>(60'000, 1));
  EXPECT_LT(cut.size(), 250u);
  EXPECT_TRUE(cut.ends_with("..."));
}

TEST(OidTest, DottedTextIsReadExactly) {
  for (const char* text : {"0.9.2342.19200300.100.1.1", "2.999.3", "1.2.840.10045.2.1", "0.0", "1.39", "2.48",
                           "2.5.9223372036854775807"})
    EXPECT_EQ(to_dotted(from_dotted(text)), text);
  // X.660 §7.6: three arcs at the top, and no more than forty below the first two of them.
  for (const char* text :
       {"", "1", "3.1", "0.40", "1.40", "1.", ".1", "1..2", "1.2.", "1.02", "1.-2", "1.+2", "a", "1.2 ",
        "1.2.x", "1.2.9223372036854775808", "2.9223372036854775800", "1.2.99999999999999999999"})
    EXPECT_TRUE(from_dotted(text).empty()) << text;
}

}  // namespace
}  // namespace bulla::asn1
