#!/usr/bin/env python3
"""What configuring does: the flags that rooms are compiled with, and the sentences by which impossible builds are refused.
Nothing is compiled but CMake's own questions. Usage: CXX=... CC=... configure_test.py"""
import json
import pathlib
import platform
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT = "cmake_minimum_required(VERSION 3.25)\nproject(embedding LANGUAGES {languages})\n{before}\nadd_subdirectory({root} bulla)\n"


class Configured:
    """What cmake says to `options`, and what it would compile: (file, its flags)."""

    def __init__(self, *options, embedded=False, languages="C CXX", before=""):
        with tempfile.TemporaryDirectory() as folder:
            build, source = pathlib.Path(folder, "build"), ROOT
            if embedded:
                source = pathlib.Path(folder)
                (source / "CMakeLists.txt").write_text(PROJECT.format(root=ROOT, languages=languages, before=before))
            done = subprocess.run(["cmake", "-S", source, "-B", build, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                                   "-DBULLA_TESTS=OFF", "-DBULLA_NET=OFF", *options],
                                  capture_output=True, text=True, check=False)
            self.ok = done.returncode == 0
            self.said = " ".join((done.stdout + done.stderr).split())
            compiled = build / "compile_commands.json"
            entries = json.loads(compiled.read_text()) if compiled.exists() else []
            self.compiled = [(entry["file"], entry["command"].split()) for entry in entries]


class AsTested(unittest.TestCase):
    def levels(self, *options, embedded=True, before=""):
        """The -O that counts, in the rooms of secrets: it must be the same in all their files."""
        configured = Configured(*options, embedded=embedded, before=before)
        self.assertTrue(configured.ok, configured.said)
        found = set()
        for file, flags in configured.compiled:
            if re.search(r"/src/(base|crypto|asn1|x509|tls)/", file):
                found.add(([flag for flag in flags if re.match("-O", flag)] or ["none"])[-1])
                last_lto = ([flag for flag in flags if "lto" in flag] or ["-fno-lto"])[-1]
                self.assertEqual(last_lto, "-fno-lto", file)
        return found

    def test_optimisation_beyond_what_is_tested_is_cut_down(self):
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Release"), {"-O2"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=MinSizeRel"), {"-O2"})
        self.assertEqual(self.levels("-DCMAKE_CXX_FLAGS=-O3 -flto"), {"-O2"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON"), {"-O2"})
        self.assertEqual(self.levels("-GNinja Multi-Config", "-DCMAKE_DEFAULT_BUILD_TYPE=Release",
                                     "-DCMAKE_CONFIGURATION_TYPES=Release;MinSizeRel"), {"-O2"})

    def test_options_of_the_project_around_it(self):
        for options in ("$<$<CONFIG:Debug>:-O0>", "$<IF:$<CONFIG:Debug>,-O0,-O3>", "-O2 -O3", "$<$<CONFIG:Release>:-O3>"):
            before = f"add_compile_options({options})"
            self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Release", before=before), {"-O2"}, options)
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                                     before="add_compile_options($<IF:$<CONFIG:Debug>,-O0,-O3>)"), {"-O2"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Debug",
                                     before="add_compile_options($<IF:$<CONFIG:Debug>,-O0,-O3>)"), {"-O0"})

    def test_other_builds_stay_as_they_are(self):
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Debug"), {"none"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=RelWithDebInfo"), {"-O2"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1"), {"-O1"})
        self.assertEqual(self.levels("-DCMAKE_BUILD_TYPE=Release", embedded=False), {"-O2"})


class Refused(unittest.TestCase):
    def refused(self, sentence, *options, **kind):
        configured = Configured(*options, **kind)
        self.assertFalse(configured.ok, sentence)
        self.assertIn(sentence, configured.said)

    def test_a_project_in_c_around_it(self):
        self.refused("needs C++ in the project around it: project(name LANGUAGES C CXX)", embedded=True, languages="C")

    def test_a_machine_of_32_bits(self):
        if platform.machine() != "x86_64":
            self.skipTest("-m32 is for x86")
        # No program of 32 bits can be linked here, so CMake is not to try.
        self.refused("Bulla computes with __int128 on 64-bit machines", "-DCMAKE_CXX_FLAGS=-m32", "-DCMAKE_C_FLAGS=-m32",
                     "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY")

    def test_a_bench_without_what_it_measures(self):
        self.refused("set BULLA_OPENSSL=ON with BULLA_BENCH=ON", "-DBULLA_BENCH=ON")
        self.refused("set BULLA_NET=ON with BULLA_BENCH=ON", "-DBULLA_BENCH=ON", "-DBULLA_OPENSSL=ON")


class Said(unittest.TestCase):
    def test_shared_libraries_are_not_built(self):
        for embedded in (False, True):
            configured = Configured("-DBUILD_SHARED_LIBS=ON", embedded=embedded)
            self.assertTrue(configured.ok, configured.said)
            self.assertIn("BUILD_SHARED_LIBS is ignored: Bulla's libraries are static archives", configured.said)
            self.assertEqual("CMake Warning" in configured.said, not embedded)


class Warnings(unittest.TestCase):
    def errors(self, *options):
        configured = Configured(*options)
        self.assertTrue(configured.ok, configured.said)
        return {"-Werror" in flags for _, flags in configured.compiled}

    def test_warnings_are_errors_for_who_develops(self):
        self.assertEqual(self.errors(), {False})
        self.assertEqual(self.errors("-DBULLA_WERROR=ON"), {True})


class Presets(unittest.TestCase):
    presets = {preset["name"]: preset for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
    shown = {name for name, preset in presets.items() if not preset.get("hidden")}

    def value(self, name, variable):
        """What the nearest preset sets it to; a preset's first parent counts before its second."""
        found = self.presets[name].get("cacheVariables", {}).get(variable)
        parents = self.presets[name].get("inherits", [])
        for parent in [parents] if isinstance(parents, str) else parents:
            found = found or self.value(parent, variable)
        return found

    def test_warnings_are_errors_in_those_that_test(self):
        self.assertEqual({name for name in self.shown if self.value(name, "BULLA_WERROR") != "ON"}, {"release", "bench"})

    def test_a_bench_comes_with_what_it_measures(self):
        for name in self.shown:
            if self.value(name, "BULLA_BENCH") == "ON":
                self.assertEqual(self.value(name, "BULLA_OPENSSL"), "ON", name)
                self.assertNotEqual(self.value(name, "BULLA_NET"), "OFF", name)

    def test_the_second_compiler_is_the_second_everywhere(self):
        for name in ("clang", "ubsan", "fuzz", "msan-ct", "valgrind-ct-clang"):
            self.assertEqual(self.value(name, "CMAKE_CXX_COMPILER"), "clang++-19", name)


if __name__ == "__main__":
    unittest.main()
