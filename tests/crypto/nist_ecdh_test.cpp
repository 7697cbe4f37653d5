// ECDH on the NIST curves, kernel by kernel: P-521 is a group of ours only, and private scalars are given.
#include "crypto/nist_curves.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// d·G: by libcrypto, where the build has it.
ByteVector witnessed_point(const NistCurve& curve, Bytes d) {
  PrivateKeyMaterial material{.type = curve.type};
  material.scalar = SecretBytes(d);
  const auto key = (witness() ? *witness() : builtin_provider()).signing.load(material);
  if (!key) return {};
  return to_vector((*key)->public_key().point);
}

TEST(NistEcdh, tables_and_sizes) {
  for (const NistCurve& curve : nist_curves()) {
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      EXPECT_EQ(group.name, curve.sec_name);
      EXPECT_EQ(group.name, name_of(group.id));
      EXPECT_EQ(group.share_size, 1 + 2 * curve.size);
      EXPECT_EQ(group.reply_size, group.share_size);
    });
    EXPECT_EQ(curve.groups.back().name, "soft");
    EXPECT_EQ(curve.groups.back().needs, 0u);
    EXPECT_EQ(curve.ecdsa.back().name, "soft");
  }
}

TEST(NistEcdh, both_sides_agree_and_a_bad_share_hurts_nobody_else) {
  for (const NistCurve& curve : nist_curves()) {
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      SeededRandom random(1);
      std::vector<GenerateJob> initiators(5);
      group.generate(random, initiators);
      std::vector<EncapsulateJob> responders(5);
      for (size_t i = 0; i < 5; ++i) responders[i].peer_share = initiators[i].share;
      ByteVector bad = initiators[2].share;
      bad.back() ^= 1;
      responders[2].peer_share = bad;
      group.encapsulate(random, responders);
      std::vector<DecapsulateJob> finals(5);
      for (size_t i = 0; i < 5; ++i)
        finals[i] = {.private_key = &initiators[i].private_key, .peer_share = responders[i].share};
      finals[3].private_key = nullptr;
      group.decapsulate(finals);
      for (size_t i = 0; i < 5; ++i) {
        EXPECT_TRUE(initiators[i].ok);
        EXPECT_EQ(responders[i].ok, i != 2);
        EXPECT_EQ(finals[i].ok, i != 2 && i != 3);
        EXPECT_EQ(responders[i].share.size(), i == 2 ? 0 : group.share_size);
        EXPECT_EQ(responders[i].secret.size(), i == 2 ? 0 : curve.size);
        EXPECT_EQ(finals[i].secret.empty(), i == 2 || i == 3);
        if (finals[i].ok) {
          EXPECT_EQ(to_hex(responders[i].secret.reveal()), to_hex(finals[i].secret.reveal()));
        }
      }
    });
  }
}

// FIPS 186-5 §A.2.2: what is out of range is drawn again.
TEST(NistEcdh, private_scalars_are_drawn_until_one_is_in_range) {
  for (const NistCurve& curve : nist_curves()) {
    const ByteVector order = order_of(curve), one = to_size({1}, curve.size);
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      ByteVector stream;
      for (const ByteVector& part :
           {ByteVector(curve.size), order, plus(order, 1), ByteVector(curve.size, 0xff), one})
        stream.insert(stream.end(), part.begin(), part.end());
      FixedRandom random(stream);
      GenerateJob job;
      group.generate(random, {&job, 1});
      ASSERT_TRUE(job.ok);
      EXPECT_EQ(to_hex(job.private_key.reveal()), to_hex(one));
      EXPECT_EQ(job.share, witnessed_point(curve, one));
    });
  }
}

TEST(NistEcdh, private_scalars_at_the_edges) {
  for (const NistCurve& curve : nist_curves()) {
    const ByteVector order = order_of(curve);
    const ByteVector two = to_size({2}, curve.size), peer = witnessed_point(curve, two);
    const auto x_of = [&](const ByteVector& point) {
      return ByteVector(point.begin() + 1, point.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
    };
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      EXPECT_FALSE(decapsulate(group, ByteVector(curve.size), peer)) << "0";
      EXPECT_EQ(decapsulate(group, to_size({1}, curve.size), peer), x_of(peer)) << "1";
      EXPECT_EQ(decapsulate(group, plus(order, -1), peer), x_of(peer)) << "n - 1";
      EXPECT_EQ(decapsulate(group, plus(order, -2), peer),
                x_of(witnessed_point(curve, to_size({4}, curve.size))))
          << "n - 2";
      EXPECT_FALSE(decapsulate(group, order, peer)) << "n";
      EXPECT_FALSE(decapsulate(group, plus(order, 1), peer)) << "n + 1";
      EXPECT_FALSE(decapsulate(group, ByteVector(curve.size, 0xff), peer)) << "all ones";
      for (const size_t size : {size_t{0}, size_t{1}, curve.size - 1, curve.size + 1, 2 * curve.size})
        EXPECT_FALSE(decapsulate(group, ByteVector(size, 1), peer)) << size;
    });
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& ecdsa) {
      EXPECT_EQ(public_point(ecdsa, two), peer);
      for (const ByteVector& d : {ByteVector(curve.size), order, plus(order, 1), ByteVector(curve.size, 0xff),
                                  ByteVector(), ByteVector(curve.size - 1, 1), ByteVector(curve.size + 1, 1)})
        EXPECT_TRUE(public_point(ecdsa, d).empty()) << to_hex(d);
      EXPECT_EQ(public_point(ecdsa, plus(order, -2)).front(), 4);
    });
  }
}

TEST(NistEcdh, invalid_points_are_refused) {
  for (const NistCurve& curve : nist_curves()) {
    const ByteVector d = to_size({5}, curve.size), good = witnessed_point(curve, d);
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      ASSERT_TRUE(decapsulate(group, d, good));
      EXPECT_FALSE(decapsulate(group, d, ByteVector{0})) << "the point at infinity";
      EXPECT_FALSE(decapsulate(group, d, ByteVector(good.size()))) << "zeros";
      ByteVector origin(good.size());
      origin[0] = 4;
      EXPECT_FALSE(decapsulate(group, d, origin)) << "(0, 0)";
      EXPECT_FALSE(decapsulate(group, d, ByteVector(good.size(), 4)));
      for (unsigned form = 0; form < 256; ++form) {
        ByteVector other = good;
        other[0] = static_cast<uint8_t>(form);
        EXPECT_EQ(decapsulate(group, d, other).has_value(), form == 4) << form;
      }
      ByteVector compressed(good.begin(), good.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
      compressed[0] = static_cast<uint8_t>(2 + (good.back() & 1));
      EXPECT_FALSE(decapsulate(group, d, compressed));
      for (size_t size = 0; size < good.size() + 3; ++size) {
        if (size == good.size()) continue;
        ByteVector cut = good;
        cut.resize(size);
        EXPECT_FALSE(decapsulate(group, d, cut)) << size;
      }
      for (size_t i = 1; i < good.size(); ++i) {
        ByteVector off = good;
        off[i] ^= 0x01;
        EXPECT_FALSE(decapsulate(group, d, off)) << i;
      }
      // Both coordinates all ones, and each by itself: not below p.
      for (const size_t begin : {size_t{1}, 1 + curve.size}) {
        ByteVector large = good;
        std::fill_n(large.begin() + static_cast<ptrdiff_t>(begin), curve.size, uint8_t{0xff});
        EXPECT_FALSE(decapsulate(group, d, large)) << begin;
      }
      // A point of another curve of the same length, y² = x³ - 3x + b': any with another y.
      ByteVector swapped = good;
      std::swap_ranges(swapped.begin() + 1, swapped.begin() + 1 + static_cast<ptrdiff_t>(curve.size),
                       swapped.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
      EXPECT_FALSE(decapsulate(group, d, swapped));
    });
  }
}

TEST(NistEcdh, agrees_with_libcrypto) {
  BULLA_NEED_WITNESS();
  constexpr uint64_t seed = 8422;
  SeededRandom random(seed);
  for (const NistCurve& curve : nist_curves()) {
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& ecdsa) {
      for (int i = 0; i < 100; ++i) {
        const SecretBytes d = ecdsa.random_scalar(random);
        EXPECT_EQ(public_point(ecdsa, d.reveal()), witnessed_point(curve, d.reveal())) << "seed " << seed;
      }
    });
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      const GroupAlgorithm* other = witness()->group(group.id);
      if (!other) {
        EXPECT_EQ(curve.name, "P-521");
        return;
      }
      for (int i = 0; i < 100; ++i) {
        SeededRandom a(random.next()), b = a;
        GenerateJob own, theirs;
        group.generate(a, {&own, 1});
        other->generate(b, {&theirs, 1});
        EXPECT_EQ(own.share, theirs.share) << "seed " << seed;
        EncapsulateJob reply{.peer_share = own.share};
        other->encapsulate(a, {&reply, 1});
        EXPECT_EQ(decapsulate(group, own.private_key.reveal(), reply.share),
                  to_vector(reply.secret.reveal()));
      }
    });
  }
}

// ------------------------------------------------------------------------------------ sets outside the tree

TEST(NistEcdhVectors, wycheproof) {
  for (const NistCurve& curve : nist_curves()) {
    const std::string set = "wycheproof/ecdh_" + std::string(curve.sec_name) + "_ecpoint_test.json";
    const auto json = load_json(set);
    BULLA_NEED_VECTORS(json, set);
    size_t cases = 0;
    for (const auto& group : json->at("testGroups").as_array()) {
      for (const auto& test : group.at("tests").as_array()) {
        const ByteVector d = to_size(from_hex(text_of(test, "private")), curve.size);
        each_kernel(curve.groups, [&](const GroupAlgorithm& kernel) {
          const auto agreed = decapsulate(kernel, d, from_hex(text_of(test, "public")));
          // The "acceptable" case is a compressed point, which TLS does not know.
          EXPECT_EQ(agreed.has_value(), text_of(test, "result") == "valid") << test.at("tcId");
          const ByteVector shared = from_hex(text_of(test, "shared"));
          EXPECT_EQ(agreed.value_or(shared), shared) << test.at("tcId");
        });
        ++cases;
      }
    }
    EXPECT_GT(cases, 0u);
    report_cases(set, cases);
  }
}

/// Runs the blocks of a set that belong to one of our curves by `curve_name(block)`; the rest is counted.
template <class Name, class Run>
void each_block(const std::string& set, Name curve_name, Run run) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = nist_curve(curve_name(block));
    if (!curve) {
      ++others;
      continue;
    }
    SCOPED_TRACE(set + " " + std::string(curve->name) + " case " + std::to_string(cases));
    if (run(*curve, block)) ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (curves that we do not have)", others);
}

TEST(NistEcdhVectors, boringssl_ecdh) {
  each_block(
      "nist/boringssl-text/ecdh_tests.txt", [](const Block& block) { return block.text("Curve"); },
      [](const NistCurve& curve, const Block& block) {
        const ByteVector d = to_size(block.bytes("Private"), curve.size);
        const ByteVector peer = uncompressed(block.bytes("PeerX"), block.bytes("PeerY"), curve.size);
        each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
          EXPECT_EQ(decapsulate(group, d, peer), block.bytes("Z"));
        });
        each_kernel(curve.ecdsa, [&](const EcdsaCurve& ecdsa) {
          EXPECT_EQ(public_point(ecdsa, d), uncompressed(block.bytes("X"), block.bytes("Y"), curve.size));
        });
        return true;
      });
}

TEST(NistEcdhVectors, boringssl_base_multiplication) {
  each_block(
      "nist/boringssl-text/ec_scalar_base_mult_tests.txt",
      [](const Block& block) { return block.text("Curve"); },
      [](const NistCurve& curve, const Block& block) {
        const ByteVector k = to_size(block.bytes("N"), curve.size), order = order_of(curve);
        const bool in_range = k < order && k != ByteVector(curve.size);
        each_kernel(curve.ecdsa, [&](const EcdsaCurve& ecdsa) {
          const ByteVector point = public_point(ecdsa, k);
          EXPECT_EQ(point.empty(), !in_range);
          if (in_range) {
            EXPECT_EQ(point, uncompressed(block.bytes("X"), block.bytes("Y"), curve.size));
          }
        });
        return true;
      });
}

TEST(NistEcdhVectors, botan_base_multiplication) {
  each_block(
      "nist/botan-text/ecc_base_point_mul.vec",
      [](const Block& block) { return std::string_view(block.section); },
      [](const NistCurve& curve, const Block& block) {
        const ByteVector k = to_size(prefixed_hex(block.text("k")), curve.size);
        each_kernel(curve.ecdsa,
                    [&](const EcdsaCurve& ecdsa) { EXPECT_EQ(public_point(ecdsa, k), block.bytes("P")); });
        return true;
      });
}

TEST(NistEcdhVectors, botan_ecdh) {
  each_block(
      "nist/botan-text/ecdh.vec", [](const Block& block) { return std::string_view(block.section); },
      [](const NistCurve& curve, const Block& block) {
        const ByteVector d = to_size(prefixed_hex(block.text("Secret")), curve.size);
        each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
          EXPECT_EQ(decapsulate(group, d, block.bytes("CounterKey")), block.bytes("K"));
        });
        return true;
      });
}

TEST(NistEcdhVectors, botan_invalid_points) {
  const std::string set = "nist/botan-text/ecdsa_invalid.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0, unwritable = 0;
  std::optional<NistCurve> curve;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("Group")) curve = nist_curve(block.text("Group"));
    if (!block.has("InvalidKeyX")) continue;
    if (!curve) {
      ++others;
      continue;
    }
    const ByteVector x = without_leading_zeros(prefixed_hex(block.text("InvalidKeyX"))),
                     y = without_leading_zeros(prefixed_hex(block.text("InvalidKeyY")));
    if (x.size() > curve->size || y.size() > curve->size) {
      ++unwritable;
      continue;
    }
    each_kernel(curve->groups, [&](const GroupAlgorithm& group) {
      EXPECT_FALSE(decapsulate(group, to_size({2}, curve->size), uncompressed(x, y, curve->size))) << cases;
    });
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (a coordinate longer than the field)", unwritable);
  report_cases(set + " (curves that we do not have)", others);
}

TEST(NistEcdhVectors, nist_public_key_validation) {
  size_t unwritable = 0;
  each_block(
      "nist/ecdsa/PKV.rsp", [](const Block& block) { return std::string_view(block.section); },
      [&](const NistCurve& curve, const Block& block) {
        if (!block.has("Qx")) return false;
        const ByteVector x = without_leading_zeros(block.number("Qx")),
                         y = without_leading_zeros(block.number("Qy"));
        const bool valid = block.text("Result").starts_with("P");
        if (x.size() > curve.size || y.size() > curve.size) {
          EXPECT_FALSE(valid);
          ++unwritable;
          return false;
        }
        each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
          EXPECT_EQ(decapsulate(group, to_size({2}, curve.size), uncompressed(x, y, curve.size)).has_value(),
                    valid);
        });
        return true;
      });
  report_cases("nist/ecdsa/PKV.rsp (a coordinate longer than the field)", unwritable);
}

TEST(NistEcdhVectors, nist_key_agreement_validity) {
  each_block(
      "nist/ecdh/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_resp.fax",
      [](const Block& block) {
        return std::string_view(block.section == "EC - SHA256"   ? "P-256"
                                : block.section == "ED - SHA384" ? "P-384"
                                : block.section == "EE - SHA512" ? "P-521"
                                                                 : "");
      },
      [](const NistCurve& curve, const Block& block) {
        if (!block.has("QsCAVSx")) return false;
        const std::string_view result = block.text("Result");
        // Two of P-521's altered private keys are too large, too.
        const ByteVector d = to_size(block.number("dsIUT"), curve.size);
        const bool refused = result.find("CAVS's Static public key") != result.npos || d >= order_of(curve);
        const ByteVector x = without_leading_zeros(block.number("QsCAVSx")),
                         y = without_leading_zeros(block.number("QsCAVSy"));
        each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
          std::optional<ByteVector> agreed;
          if (x.size() <= curve.size && y.size() <= curve.size)
            agreed = decapsulate(group, d, uncompressed(x, y, curve.size));
          EXPECT_EQ(agreed.has_value(), !refused) << block.text("COUNT");
          if (result.front() == 'P') {
            EXPECT_EQ(agreed, to_size(block.number("Z"), curve.size));
          }
        });
        return true;
      });
}

}  // namespace
}  // namespace bulla::test
