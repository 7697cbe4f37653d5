// Specimens whose own certificate is sound, and whose issuers are not.
#include "pki/certificate_writer.h"
#include "pki/zoo/kept.h"

namespace bulla::pki::zoo {

using namespace asn1;

namespace {

/// A sound leaf of a CA that the root certified as `draft` says.
Result<Shown> show_under(const Visit& visit, const Draft& draft) {
  BULLA_TRY(const Keeper ca, make_ca(visit, draft, &visit.root));
  return show(visit, leaf_draft(visit), &ca, {&ca});
}

/// nameConstraints with one subtree of DNS names: permitted [0] or excluded [1].
Draft constrained(const Visit& visit, unsigned list, std::string_view name) {
  Draft draft = ca_draft(visit, "Zoo constrained CA");
  draft.more_extensions = [list, name](DerWriter& w) {
    write_extension(w, oids::name_constraints, Criticality::critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.explicit_tag(list, [&](DerWriter& w) {
          w.sequence([&](DerWriter& w) { w.value(tag::context(2), as_bytes(name)); });
        });
      });
    });
  };
  return draft;
}

/// `openssl genrsa 1024`. Whoever wants it can compute it from the public key, so it may stand here.
constexpr std::string_view weak_private_key = R"(-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMeRFWolRWMVrN+X
U/I2k8WiwE/axaxmO/Pp5xMn9sSsAH4VpNrBWjkVSAecJRC2ZI7JvFcPv93lfOJ8
piWoG+ZOxyQJBXMPHba2yZ6bOwI22L5TGkAIq415XMrY7TL7ko+Jvn7AbQ058dQx
Z3kFd3Z0MC4rvdkFR9cBpQoD1cSFAgMBAAECgYEAsp9eXoJ7p6NH91z4ayyEeXoh
zZfQJG3hLYFnLVMw4XneevwecRptCfjNXtpYpqvKN6/DXt2e6xqz+/h7serVBGjj
kAgfxcpNmmnDbWQJk7SKwVyM6YhIEoBkfI0DkpWlHkzqFWbcTPKbvAYwrsYXyjDS
c5szOQ5sQ9K0vmWlycUCQQD8MNiavtU9n71yz3YbfzZx4RS5lV7csoc+VfRBEFWS
gqXDPTsk4mFD5hnYI+sskJC3UkI4zSe7iKT5WwtxTrZHAkEAypTBIoFeKEXKRkce
zLbGHgM/+LFGuvn3y84Ro4Td5NUVe5iUprGLZ49qRAz+MRCwFN9nVLvtm3lVB3G8
BDo40wJAA9QuBbNuA2CAfNS/g01cI0B6kxK8fPdM7Fpbuf0of2/yWlN8qWOyfFhq
/ggVkvii6dWa4cfjmYpKjuqd8ttyEwJARG4/V2KP5da9X0QC+W/8OIMshtuLYvmx
ZNz1RGFLe1MncJq4DB8JUjA120rwSq6ybDqS8yKQPuabfGpE8sCgFQJAIGazXYZk
Vy7I9ZIpJix3MMkWqwN4lltNfzGDkmxwECT3KVYtX70309aYmORg1PjiaTiSw/+Y
jQlSCwu70P0icg==
-----END PRIVATE KEY-----
)";

}  // namespace

Result<Shown> missing_intermediate(const Visit& visit) {
  return show(visit, leaf_draft(visit), &visit.intermediate, {});
}

Result<Shown> unknown_ca(const Visit& visit) {
  BULLA_TRY(const Keeper root, make_ca(visit, ca_draft(visit, "Root of another zoo"), nullptr));
  BULLA_TRY(const Keeper ca, make_ca(visit, ca_draft(visit, "CA of another zoo"), &root));
  return show(visit, leaf_draft(visit), &ca, {&ca, &root});
}

Result<Shown> impostor_ca(const Visit& visit) {
  BULLA_TRY(const Keeper impostor, make_ca(visit, ca_draft(visit, "Zoo intermediate CA"), nullptr));
  return show(visit, leaf_draft(visit), &impostor, {&visit.intermediate});
}

Result<Shown> expired_intermediate(const Visit& visit) {
  Draft draft = ca_draft(visit, "Zoo CA of yesteryear");
  draft.not_before = visit.means.now - std::chrono::days(366);
  draft.not_after = visit.means.now - std::chrono::days(1);
  return show_under(visit, draft);
}

Result<Shown> issuer_is_no_ca(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.common_name = "shop.zoo.localhost";
  draft.dns = {"shop.zoo.localhost"};
  BULLA_TRY(const Keeper shop, make_ca(visit, draft, &visit.intermediate));
  return show(visit, leaf_draft(visit), &shop, {&shop, &visit.intermediate});
}

Result<Shown> issuer_may_not_sign(const Visit& visit) {
  Draft draft = ca_draft(visit, "Zoo CA without a pen");
  draft.key_usage = 1;
  return show_under(visit, draft);
}

Result<Shown> issuer_of_version_1(const Visit& visit) {
  Draft draft = ca_draft(visit, "Zoo CA of version 1");
  draft.version = 1;
  return show_under(visit, draft);
}

Result<Shown> issuer_for_mail(const Visit& visit) {
  Draft draft = ca_draft(visit, "Zoo mail CA");
  draft.purposes = {oids::email_protection};
  return show_under(visit, draft);
}

Result<Shown> path_too_long(const Visit& visit) {
  Draft last = ca_draft(visit, "Zoo last CA");
  last.path_length = 0;
  BULLA_TRY(const Keeper upper, make_ca(visit, last, &visit.root));
  BULLA_TRY(const Keeper lower, make_ca(visit, ca_draft(visit, "Zoo CA below the last"), &upper));
  return show(visit, leaf_draft(visit), &lower, {&lower, &upper});
}

Result<Shown> name_not_permitted(const Visit& visit) {
  return show_under(visit, constrained(visit, 0, "zoo.example"));
}

Result<Shown> name_excluded(const Visit& visit) {
  return show_under(visit, constrained(visit, 1, "zoo.localhost"));
}

Result<Shown> weak_key(const Visit& visit) {
  BULLA_TRY(const PrivateKeyMaterial rsa,
            parse_private_key(as_bytes(weak_private_key), {}, visit.means.provider));
  BULLA_TRY(SigningKeyPtr key, visit.means.provider.signing.load(rsa));
  BULLA_TRY(const Keeper ca,
            make(ca_draft(visit, "Zoo CA with a weak key"), std::move(key), &visit.root, visit.means));
  return show(visit, leaf_draft(visit), &ca, {&ca});
}

Result<Shown> policy_missing(const Visit& visit) {
  Draft draft = ca_draft(visit, "Zoo CA with a policy");
  draft.more_extensions = [](DerWriter& w) {
    constexpr Oid policy = oid("2.999.2");
    write_extension(w, oids::certificate_policies, Criticality::not_critical, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(policy); }); });
    });
    write_extension(w, oids::policy_constraints, Criticality::critical, [](DerWriter& w) {
      constexpr uint8_t at_once[] = {0};  // requireExplicitPolicy
      w.sequence([&](DerWriter& w) { w.value(tag::context(0), at_once); });
    });
  };
  return show_under(visit, draft);
}

Result<Shown> mesh(const Visit& visit) {
  constexpr size_t count = 8;
  std::vector<Keeper> cas;
  for (size_t i = 0; i < count; ++i) {
    BULLA_TRY(Keeper ca, make_ca(visit, ca_draft(visit, "Zoo mesh CA " + std::to_string(i)), nullptr));
    cas.push_back(std::move(ca));
  }
  BULLA_TRY(Shown out, show(visit, leaf_draft(visit), &cas[0], {}));
  // As many as fit into a handshake: each certified by the one after it, then by the next but one.
  constexpr size_t most = 15;
  for (size_t step = 1; step < count; ++step)
    for (size_t i = 0; i < count && out.chain.size() <= most; ++i) {
      const Keeper& issuer = cas[(i + step) % count];
      BULLA_TRY(Keeper cross,
                make(ca_draft(visit, "Zoo mesh CA " + std::to_string(i)), cas[i].key, &issuer, visit.means));
      out.chain.push_back(std::move(cross.der));
    }
  return out;
}

Result<Shown> too_many(const Visit& visit) {
  constexpr size_t count = 100;
  BULLA_TRY(Shown out, show(visit, leaf_draft(visit), &visit.intermediate, {&visit.intermediate}));
  BULLA_TRY(const Keeper other, make_ca(visit, ca_draft(visit, "Zoo CA of others"), &visit.root));
  out.chain.insert(out.chain.end(), count, other.der);
  return out;
}

}  // namespace bulla::pki::zoo
