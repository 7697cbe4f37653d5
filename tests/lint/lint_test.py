#!/usr/bin/env python3
"""The checks find what they are for: each is shown a violation and its innocent twin."""
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_divisions  # noqa: E402
import check_docs  # noqa: E402
import check_layers  # noqa: E402
import check_links  # noqa: E402
import check_rfc  # noqa: E402
import lint  # noqa: E402
import sources  # noqa: E402


def spans(text):
    return [last - first + 1 for first, last in lint.functions(sources.blank(text))]


def suspects(text):
    code = sources.blank(text)
    at = code.index("co_await")
    return bool(lint.SUSPECT.search(code[:at] + lint.operand(code, at)))


class Divisions(unittest.TestCase):
    def test_instructions_that_divide(self):
        for text in ["  4:\tdiv    %rcx", "  4:\tidivl  -0x8(%rbp)", "  4:\tvdivsd %xmm1,%xmm0,%xmm0"]:
            self.assertTrue(check_divisions.DIVISION.search(text), text)
        for text in ["  4:\tmul    %rcx", "  4:\tcall   0 <div>"]:
            self.assertFalse(check_divisions.DIVISION.search(text), text)

    def test_calls_of_functions_that_divide(self):
        for text in ["\t\t\t5: R_X86_64_PLT32\t__umodti3-0x4", "\t\t\t5: R_X86_64_PC32\t__udivti3-0x4",
                     "  4:\tcall   1030 <__divti3>", "  4:\tcall   1030 <__modti3@plt>", "\t\t\t5: R_X86_64_PLT32\t__udivmodti4-0x4"]:
            self.assertTrue(check_divisions.divides(text), text)
        for text in ["\t\t\t5: R_X86_64_PLT32\t__multi3-0x4", "\t\t\t5: R_X86_64_PLT32\tmemcpy-0x4"]:
            self.assertFalse(check_divisions.divides(text), text)

    def test_a_call_belongs_to_the_function_around_it(self):
        listing = ("soft.o:     file format elf64-x86-64\n0000000000000000 <bulla::crypto::mod(unsigned __int128)>:\n"
                   "   4:\tcall   9 <bulla::crypto::mod(unsigned __int128)+0x9>\n\t\t\t5: R_X86_64_PLT32\t__umodti3-0x4\n"
                   "0000000000000010 <bulla::crypto::bits_vartime(unsigned __int128)>:\n\t\t\t15: R_X86_64_PLT32\t__udivti3-0x4\n")
        self.assertEqual(check_divisions.divisions(listing), (2, [("soft.o", "bulla::crypto::mod(unsigned __int128)")]))

    def test_a_compiled_division_is_seen(self):
        cc, objdump = shutil.which("cc"), shutil.which("objdump")
        if not cc or not objdump or platform.machine() != "x86_64":
            self.skipTest("no compiler for x86-64")
        with tempfile.TemporaryDirectory() as folder:
            source, made = pathlib.Path(folder, "a.c"), pathlib.Path(folder, "a.o")
            source.write_text("unsigned __int128 wide(unsigned __int128 a, unsigned __int128 b) { return a % b; }\n"
                              "unsigned narrow(unsigned a, unsigned b) { return a / b; }\n"
                              "unsigned none(unsigned a, unsigned b) { return a * b; }\n")
            subprocess.run([cc, "-O2", "-c", source, "-o", made], check=True)
            functions, found = check_divisions.divisions(check_divisions.disassembly(objdump, made))
            self.assertEqual((functions, [function for _, function in found]), (3, ["narrow", "wide"]))

    def test_functions_that_may(self):
        self.assertTrue(check_divisions.ALLOWED.search("bulla::crypto::ml_dsa::use_hint_vartime(bool, int, int)"))
        self.assertFalse(check_divisions.ALLOWED.search("bulla::crypto::ml_kem::compress(int)"))


class Lengths(unittest.TestCase):
    def test_functions_are_measured(self):
        body = "  g();\n" * 61
        self.assertEqual(spans("void f() {\n" + body + "}\n"), [63])
        self.assertEqual(spans("struct S {\n  void f() const noexcept {\n" + body + "  }\n};\n"), [63])
        self.assertEqual(spans("S::S(int a)\n    : a_(a), b_{a} {\n" + body + "}\n")[-1], 64)
        self.assertEqual(spans("template <class T>\nT f(T t) {\n" + body + "}\n"), [64])

    def test_tables_types_and_namespaces_are_not_functions(self):
        rows = '  {1, "}"},\n' * 100
        self.assertEqual(spans("namespace a {\nconstexpr R rows[] = {\n" + rows + "};\n}\n"), [])
        self.assertEqual(spans("struct A : B<int> {\n" + "  int a;\n" * 100 + "};\n"), [])
        self.assertEqual(spans("enum class E : uint8_t {\n" + "  a,\n" * 100 + "};\n"), [])

    def test_strings_and_comments_hold_no_braces(self):
        self.assertEqual(spans('void f() {\n  g("{{{", \'{\');  // {\n  /* { */\n}\nvoid h() {}\n'), [4, 1])


class Coroutines(unittest.TestCase):
    def test_temporaries_are_found(self):
        self.assertTrue(suspects("co_await f([&] { return 1; });"))
        self.assertTrue(suspects("auto r = co_await f(Options{.a = 1});"))
        self.assertTrue(suspects('co_await f(std::string("x"));'))
        self.assertTrue(suspects("co_await f({1, 2});"))

    def test_named_arguments_are_fine(self):
        self.assertFalse(suspects("const auto [ec, n] = co_await stream.async_read_some(buffer, use);"))
        self.assertFalse(suspects("if (auto r = co_await f(a, b[1]); !r) { g({1}); }"))
        self.assertFalse(suspects("while (co_await next()) { f([&] {}); }"))


class Layers(unittest.TestCase):
    def findings(self, name, room, header):
        return list(check_layers.check_include(name, room, 1, header))

    def test_arrows_that_point_up_are_refused(self):
        self.assertTrue(self.findings("src/base/a.cpp", "base", "tls/connection.h"))
        self.assertTrue(self.findings("src/http/a.cpp", "http", "bulla/certificate.h"))
        self.assertTrue(self.findings("src/tls/a.cpp", "tls", "thread"))
        self.assertTrue(self.findings("src/tls/a.cpp", "tls", "openssl/evp.h"))
        self.assertTrue(self.findings("src/crypto/openssl/a.cpp", "openssl", "openssl/ssl.h"))
        self.assertTrue(self.findings("src/crypto/a.cpp", "crypto", "crypto/openssl/tables.h"))
        self.assertTrue(self.findings("src/os/a.cpp", "os", "bulla/openssl_provider.h"))
        self.assertTrue(self.findings("src/os/a.cpp", "os", "boost/asio.hpp"))
        self.assertTrue(self.findings("src/tls/a.cpp", "tls", "bulla/no_such_header.h"))

    def test_arrows_that_point_down_are_fine(self):
        self.assertFalse(self.findings("src/tls/a.cpp", "tls", "base/reader.h"))
        self.assertFalse(self.findings("src/tls/a.cpp", "tls", "bulla/certificate.h"))
        self.assertFalse(self.findings("src/crypto/openssl/a.cpp", "openssl", "openssl/evp.h"))
        self.assertFalse(self.findings("src/crypto/openssl/a.cpp", "openssl", "crypto/openssl/tables.h"))
        self.assertFalse(self.findings("src/os/a.cpp", "os", "sys/socket.h"))
        self.assertFalse(self.findings("src/net/a.cpp", "net", "boost/asio.hpp"))


    def fenced(self, name, code):
        return list(check_layers.check_fences(name, sources.blank(code)))

    def test_what_is_fenced_off_is_found_by_every_name(self):
        for code in ["using enum HashId;\nauto* h = p.hash(sha1);", "auto* h = p.hash(HashId::sha1);", "openssl::sha1.init(s);",
                     "for (auto& k : sha1_kernels()) use(k);"]:
            self.assertTrue(self.fenced("src/tls/a.cpp", code), code)
        self.assertTrue(self.fenced("src/x509/verify.cpp", "using enum HashId; if (hash == sha1) return;"))
        self.assertTrue(self.fenced("src/tls/a.cpp", "provider.key_files.cbc_decrypt(key, iv, text);"))

    def test_what_is_on_the_inside_of_a_fence_may_be_named(self):
        self.assertFalse(self.fenced("src/crypto/sha1/sha1.cpp", "HashId::sha1, sha1_kernels()"))
        self.assertFalse(self.fenced("src/x509/pbes2.cpp", "HashId hash = HashId::sha1;"))
        self.assertFalse(self.fenced("src/tls/a.cpp", "// never sha1\nhash(HashId::sha256); log(\"sha1\"); oids::hmac_sha1;"))


class Links(unittest.TestCase):
    def test_libraries_that_are_no_runtime_are_found(self):
        dynamic = " 0x1 (NEEDED)  Shared library: [libc.so.6]\n 0x1 (NEEDED)  Shared library: [libcrypto.so.3]\n"
        self.assertEqual(check_links.foreign_libraries(dynamic), ["libcrypto.so.3"])

    def test_symbols_of_openssl_are_found(self):
        undefined = "a.o:\n                 U EVP_CIPHER_fetch\n                 U memcpy\n                 U _ZN5bulla4wipeE\n"
        self.assertEqual(check_links.foreign_symbols(undefined), ["EVP_CIPHER_fetch"])

    def test_functions_with_no_more_name_than_their_hash_are_found(self):
        foreign = "                 U SHA256\n0000000000001139 T HMAC\n0000 t MD5\n U SHA512@OPENSSL_3.0.0\n U RAND_bytes@@OPENSSL_3.0.0\n"
        self.assertEqual(check_links.foreign_symbols(foreign),
                         ["HMAC", "MD5", "RAND_bytes@@OPENSSL_3.0.0", "SHA256", "SHA512@OPENSSL_3.0.0"])
        ours = ("0000 T _ZN5bulla6crypto6SHA256Ev\n0000 T bulla_HMAC\n0000 r sha256\n0000 b SHA256D\n U memcpy@GLIBC_2.14\n"
                "sha256.o:\n0000 t hmac\n U BIOS\n U __TLS_MODULE_BASE_\n0000 R _TLS\n")
        self.assertEqual(check_links.foreign_symbols(ours), [])

    def test_what_is_linked_statically_is_found_in_programs_and_archives(self):
        tools = [shutil.which(tool) for tool in ("cc", "ar", "nm", "readelf", "strip")]
        if not all(tools):
            self.skipTest("no compiler to make a program with")
        cc, ar, nm, readelf, strip = tools
        with tempfile.TemporaryDirectory() as folder:
            def made(name, source):
                path = pathlib.Path(folder, name)
                path.with_suffix(".c").write_text(source)
                subprocess.run([cc, "-c", path.with_suffix(".c"), "-o", path.with_suffix(".o")], check=True)
                subprocess.run([ar, "rc", path.with_suffix(".a"), path.with_suffix(".o")], check=True)
                subprocess.run([cc, path.with_suffix(".o"), "-o", path], check=True)
                return str(path), str(path.with_suffix(".a"))

            def findings(file):
                return [finding.split(": ")[1] for finding in check_links.findings_in(file, readelf, nm)]

            program, archive = made("theirs", "int EVP_Cipher(void) { return 0; } int main(void) { return EVP_Cipher(); }")
            self.assertEqual(findings(program), ["holds or needs EVP_Cipher"])
            self.assertEqual(findings(archive), ["holds or needs EVP_Cipher"])
            program, archive = made("ours", "int bulla_next(void) { return 0; } int main(void) { return bulla_next(); }")
            self.assertEqual(findings(program), [])
            self.assertEqual(findings(archive), [])
            subprocess.run([strip, program], check=True)
            self.assertEqual(findings(program), ["is stripped, so that nothing can be seen of it"])


class Tags(unittest.TestCase):
    def test_sections(self):
        known = check_rfc.known_sections()
        self.assertIn("4.3.11.2", known)
        self.assertNotIn("4.9", known)
        match = check_rfc.TAG.search("RFC 9846 §4.2.3, §4.3.")
        self.assertEqual(check_rfc.SECTION.findall(match.group(2)), ["4.2.3", "4.3"])


class Docs(unittest.TestCase):
    def missing(self, text):
        return [line for line, _ in check_docs.undocumented(text)]

    def test_declarations_without_a_comment_are_found(self):
        self.assertEqual(self.missing("namespace a {\nvoid f();\n}\n"), [2])
        self.assertEqual(self.missing("// plain\nenum class E : int { a, b };\n"), [2])
        self.assertEqual(self.missing("/// x\nstruct S {\n  int a{1};\n  S(int b) : a{b} {}\n};\n"), [3, 4])
        self.assertEqual(self.missing("/// x\nclass S {\n public:\n  template <class T>\n  T f() {\n  }\n};\n"), [4])
        self.assertEqual(self.missing("/// x\nstruct S {};\nstruct T {};\n"), [3])
        self.assertEqual(self.missing("int a;  ///< x\n        ///< and more\nint b;\n"), [3])
        self.assertEqual(self.missing("/* x */\ntypedef struct s {\n  int a; /**< x */\n} s;\nint f(void);\n"), [2, 5])

    def test_comments_above_behind_and_shared_are_seen(self):
        self.assertFalse(self.missing("/// x\ntemplate <class T>\nvoid f(T a = {});\nvoid f(int);\n"))
        self.assertFalse(self.missing("/** x\n * y */\nint f(void);\n\nint g(void); /**< z */\n"))
        self.assertFalse(self.missing("/// x\nstruct S {\n  int a = {},  ///< y\n      b = {};  ///< z\n};\n"))

    def test_what_is_private_or_has_nothing_to_say_is_left_out(self):
        self.assertFalse(self.missing("/// x\nclass S {\n  void f();\n\n public:\n  ~S();\n  S() = default;\n private:\n  int a;\n};\n"))
        self.assertFalse(self.missing("namespace detail {\nstruct S {\n  int a;\n};\n}\nclass T;\ntemplate <>\nstruct U<int> {};\n"))
        self.assertFalse(self.missing("/// x\nvoid f() {\n  int a;\n  g([] { h(); });\n}\n"))


if __name__ == "__main__":
    unittest.main()
