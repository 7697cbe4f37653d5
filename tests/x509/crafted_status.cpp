#include "crafted_status.h"

#include "x509/digest.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;

void write_entry(DerWriter& w, const EntryDraft& entry) {
  w.sequence([&](DerWriter& w) {
    w.value(tag::integer, entry.serial);
    w.time(entry.revoked_at);
    if (entry.extensions) w.sequence([&](DerWriter& w) { entry.extensions(w); });
  });
}

void write_list_body(DerWriter& w, const ListDraft& draft) {
  if (draft.dates) {
    draft.dates(w);
  } else {
    w.time(draft.this_update);
    if (draft.next_update) w.time(*draft.next_update);
  }
  if (draft.revoked)
    draft.revoked(w);
  else if (!draft.entries.empty())
    w.sequence([&](DerWriter& w) {
      for (const EntryDraft& one : draft.entries) write_entry(w, one);
    });
  const auto extensions = to_der([&](DerWriter& w) {
    if (draft.number)
      write_extension(w, oids::crl_number, Critical::no, [&](DerWriter& w) { w.integer(*draft.number); });
    if (draft.more_extensions) draft.more_extensions(w);
  });
  if (!extensions.empty())
    w.explicit_tag(0, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.raw(extensions); }); });
}

std::vector<uint8_t> digest(HashId id, Bytes data) {
  return x509::digest_of(default_provider(), id, data);
}

Oid oid_of(HashId id) {
  switch (id) {
    case HashId::sha1: return oids::sha1;
    case HashId::sha256: return oids::sha256;
    case HashId::sha384: return oids::sha384;
    case HashId::sha512: break;
  }
  return oids::sha512;
}

void write_answer(DerWriter& w, const AnswerDraft& answer, const Entity& issuer) {
  w.sequence([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.oid(oid_of(answer.hash)); });
      w.octet_string(digest(answer.hash, issuer.name_der));
      w.octet_string(digest(answer.hash, issuer.key->public_key().point));
      w.value(tag::integer, answer.serial);
    });
    if (answer.cert_status)
      answer.cert_status(w);
    else if (answer.status == RevocationStatus::revoked)
      w.constructed(tag::context_constructed(1), [&](DerWriter& w) {
        w.generalized_time(test_now() - std::chrono::hours(48));
        if (answer.reason) w.explicit_tag(0, [&](DerWriter& w) { w.enumerated(*answer.reason); });
      });
    else
      w.value(tag::context(answer.status == RevocationStatus::good ? 0 : 2), {});
    w.generalized_time(answer.this_update);
    if (answer.next_update) w.explicit_tag(0, [&](DerWriter& w) { w.generalized_time(*answer.next_update); });
    if (answer.extensions)
      w.explicit_tag(1, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { answer.extensions(w); }); });
  });
}

void write_data(DerWriter& w, const ResponseDraft& draft, const Entity& issuer, const Entity& signer) {
  w.sequence([&](DerWriter& w) {
    if (draft.version) draft.version(w);
    if (draft.responder)
      draft.responder(w);
    else if (draft.by_key)
      w.explicit_tag(
          2, [&](DerWriter& w) { w.octet_string(digest(HashId::sha1, signer.key->public_key().point)); });
    else
      w.explicit_tag(1, [&](DerWriter& w) { w.raw(signer.name_der); });
    w.generalized_time(draft.produced_at);
    w.sequence([&](DerWriter& w) {
      for (const AnswerDraft& answer : draft.answers) write_answer(w, answer, issuer);
    });
    if (draft.extensions)
      w.explicit_tag(1, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { draft.extensions(w); }); });
  });
}

}  // namespace

EntryDraft entry(std::vector<uint8_t> serial, std::optional<uint8_t> reason) {
  EntryDraft out{.serial = std::move(serial)};
  if (reason)
    out.extensions = [value = *reason](DerWriter& w) {
      write_extension(w, oids::crl_reason, Critical::no, [&](DerWriter& w) { w.enumerated(value); });
    };
  return out;
}

std::vector<uint8_t> list_der(const ListDraft& draft, const Entity& issuer, const Entity* signer) {
  const SigningKey& key = signer ? *signer->key : *issuer.key;
  const auto algorithm = [&](DerWriter& w, bool outer) {
    if (draft.algorithm)
      draft.algorithm(w, outer);
    else
      write_signature_algorithm(w, key);
  };
  const auto tbs = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      if (draft.version) w.integer(*draft.version);
      algorithm(w, false);
      w.raw(issuer.name_der);
      write_list_body(w, draft);
    });
  });
  const auto signature = sign(key, tbs);
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(tbs);
      algorithm(w, true);
      w.bit_string(signature);
    });
  });
}

RevocationListPtr make_list(const ListDraft& draft, const Entity& issuer, const Entity* signer) {
  auto list = RevocationList::from_der(list_der(draft, issuer, signer));
  EXPECT_TRUE(list.ok()) << list.error().explain();
  return list.ok() ? *list : nullptr;
}

Writer issuing_point(Writer fields) {
  return [fields = std::move(fields)](DerWriter& w) {
    write_extension(w, oids::issuing_distribution_point, Critical::yes,
                    [&](DerWriter& w) { w.sequence([&](DerWriter& w) { fields(w); }); });
  };
}

void write_uri_point(DerWriter& w, std::string_view uri) {
  w.explicit_tag(0, [&](DerWriter& w) {
    w.constructed(tag::context_constructed(0),
                  [&](DerWriter& w) { w.value(tag::context(6), as_bytes(uri)); });
  });
}

Writer distribution_point(Writer fields) {
  return [fields = std::move(fields)](DerWriter& w) {
    write_extension(w, oids::crl_distribution_points, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) { w.sequence([&](DerWriter& w) { fields(w); }); });
    });
  };
}

void write_must_staple(DerWriter& w) {
  write_extension(w, oids::tls_feature, Critical::no,
                  [](DerWriter& w) { w.sequence([](DerWriter& w) { w.integer(5); }); });
}

std::vector<uint8_t> response_der(const ResponseDraft& draft, const Entity& issuer, const Entity& signer) {
  const auto data = to_der([&](DerWriter& w) { write_data(w, draft, issuer, signer); });
  const auto signature = sign(*signer.key, data);
  const auto basic = [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(data);
      if (draft.algorithm)
        draft.algorithm(w);
      else
        write_signature_algorithm(w, *signer.key);
      w.bit_string(signature);
      if (draft.certificates.empty()) return;
      w.explicit_tag(0, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          for (const auto& der : draft.certificates) w.raw(der);
        });
      });
    });
  };
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.enumerated(0);
      w.explicit_tag(0, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(draft.type);
          w.octet_string(basic);
        });
      });
    });
  });
}

std::vector<uint8_t> response_der(const ResponseDraft& draft, const Entity& issuer) {
  return response_der(draft, issuer, issuer);
}

Draft responder_draft() {
  return {.subject = "Responder", .serial = {0x77}, .dns = {}, .purposes = {oids::ocsp_signing}};
}

}  // namespace bulla::test
