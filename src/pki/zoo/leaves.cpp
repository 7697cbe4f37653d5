// Specimens whose own certificate is at fault.
#include "pki/certificate_writer.h"
#include "pki/zoo/kept.h"

namespace bulla::pki::zoo {

using namespace asn1;

namespace {

/// A leaf of the intermediate's, with it.
Result<Shown> show_leaf(const Visit& visit, const Draft& draft) {
  return show(visit, draft, &visit.intermediate, {&visit.intermediate});
}

void write_names(DerWriter& w, std::string_view name) {
  write_extension(w, oids::subject_alt_name, Criticality::not_critical, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.value(tag::context(2), as_bytes(name)); });
  });
}

/// What nothing is wrong with is said to be good as well: clients that insist on being told have to be
/// content.
Result<Shown> told_to_be_good(const Visit& visit, Result<Shown> shown, const Keeper& ca) {
  if (!shown) return shown;
  return stapled(*std::move(shown), ca, {.status = RevocationStatus::good}, visit.means);
}

}  // namespace

Result<Shown> sound(const Visit& visit) {
  return told_to_be_good(visit, show_leaf(visit, leaf_draft(visit)), visit.intermediate);
}

Result<Shown> sound_with_root(const Visit& visit) {
  return told_to_be_good(
      visit, show(visit, leaf_draft(visit), &visit.intermediate, {&visit.intermediate, &visit.root}),
      visit.intermediate);
}

Result<Shown> sound_in_wrong_order(const Visit& visit) {
  return told_to_be_good(
      visit, show(visit, leaf_draft(visit), &visit.lower, {&visit.intermediate, &visit.lower}), visit.lower);
}

Result<Shown> sound_wildcard(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.dns = {"*.zoo.localhost"};
  return told_to_be_good(visit, show_leaf(visit, draft), visit.intermediate);
}

Result<Shown> expired(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.not_before = visit.means.now - std::chrono::days(91);
  draft.not_after = visit.means.now - std::chrono::days(1);
  return show_leaf(visit, draft);
}

Result<Shown> not_yet_valid(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.not_before = visit.means.now + std::chrono::days(1);
  return show_leaf(visit, draft);
}

Result<Shown> wrong_name(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.common_name = "zoo.example";
  draft.dns = {"zoo.example", "www.zoo.example"};
  return show_leaf(visit, draft);
}

Result<Shown> no_name(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.dns.clear();
  return show_leaf(visit, draft);
}

Result<Shown> wide_wildcard(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.dns = {"*.localhost", "*"};
  return show_leaf(visit, draft);
}

Result<Shown> partial_wildcard(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.dns = {"partial*.zoo.localhost", "*wildcard.zoo.localhost", "p*d.zoo.localhost"};
  return show_leaf(visit, draft);
}

Result<Shown> nul_in_name(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.common_name = "zoo.example";
  draft.dns = {visit.host + std::string(1, '\0') + ".zoo.example"};
  return show_leaf(visit, draft);
}

Result<Shown> wrong_purpose(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.purposes = {oids::client_auth};
  return show_leaf(visit, draft);
}

Result<Shown> critical_extension(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.more_extensions = [](DerWriter& w) {
    constexpr Oid nobodys = oid("2.999.1");  // an arc for examples
    write_extension(w, nobodys, Criticality::critical, [](DerWriter& w) { w.null(); });
  };
  return show_leaf(visit, draft);
}

Result<Shown> self_signed(const Visit& visit) {
  return show(visit, leaf_draft(visit), nullptr, {});
}

Result<Shown> bad_signature(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.signature = SignatureMaker::nobody;
  return show_leaf(visit, draft);
}

Result<Shown> sha1_signature(const Visit& visit) {
  constexpr unsigned bits = 2048;
  const Means& means = visit.means;
  BULLA_TRY(PrivateKeyMaterial rsa, means.provider.signing.generate(KeyType::rsa, bits, means.random));
  BULLA_TRY(SigningKeyPtr key, means.provider.signing.load(rsa));
  BULLA_TRY(Keeper ca, make(ca_draft(visit, "Zoo CA of old"), std::move(key), &visit.root, means));
  ca.rsa = std::make_shared<const PrivateKeyMaterial>(std::move(rsa));
  Draft draft = leaf_draft(visit);
  draft.signature = SignatureMaker::sha1;
  return show(visit, draft, &ca, {&ca});
}

Result<Shown> broken_der(const Visit& visit) {
  BULLA_TRY(Shown out, show_leaf(visit, leaf_draft(visit)));
  out.chain[0][3] = static_cast<uint8_t>(out.chain[0][3] + 1);  // 30 82 hh ll: one more than there are
  return out;
}

Result<Shown> trailing_bytes(const Visit& visit) {
  BULLA_TRY(Shown out, show_leaf(visit, leaf_draft(visit)));
  out.chain[0].insert(out.chain[0].end(), {0x05, 0x00});
  return out;
}

Result<Shown> twice_the_same_extension(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.more_extensions = [](DerWriter& w) { write_names(w, "zoo.example"); };
  return show_leaf(visit, draft);
}

}  // namespace bulla::pki::zoo
