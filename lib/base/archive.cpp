#include "lib/base/archive.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "lib/base/module.hpp"

namespace diffusion {
namespace {

using namespace std::string_view_literals;

const ArchiveModule& archive_module() {
  static const ArchiveModule& loaded =
      *reinterpret_cast<decltype(&diffusion_archive_module)>(module_symbol(
          "diffusion-archive-module.so", archive_module_symbol, "reads and writes archives"))();
  return loaded;
}

}  // namespace

std::unique_ptr<ArchiveReader> read_archive(ByteSource source, const std::string& culprit,
                                            ByteSkip skip) {
  return archive_module().read(std::move(source), std::move(skip), culprit);
}

namespace {

/// A file from its front to its end, of which pieces may be passed over.
struct Cursor {
  RandomAccessFile file;
  std::uint64_t at = 0;
  std::string piece = std::string(std::size_t(1) << 16, '\0');

  std::uint64_t pass(std::uint64_t bytes) {
    const std::uint64_t passed = std::min(file.size() - at, bytes);
    at += passed;
    return passed;
  }
  std::string_view next() {
    const std::uint64_t from = at;
    const auto bytes = std::size_t(pass(piece.size()));
    file.read(from, piece.data(), bytes);
    return {piece.data(), bytes};
  }
};

}  // namespace

std::unique_ptr<ArchiveReader> read_archive(const std::string& path) {
  const auto cursor = std::make_shared<Cursor>(Cursor{RandomAccessFile(path)});
  return read_archive([cursor] { return cursor->next(); }, path,
                      [cursor](std::uint64_t bytes) { return cursor->pass(bytes); });
}

std::optional<std::uint64_t> contents_position(const RandomAccessFile& archive,
                                               std::uint64_t position) {
  constexpr std::uint64_t block = 512, size_at = 124, size_digits = 12, type_at = 156;
  while (position + block <= archive.size()) {
    std::array<char, block> header;
    archive.read(position, header.data(), block);
    position += block;
    if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) continue;  // another's end
    // Long names and extended attributes come as members before the one they belong to.
    if ("LKxg"sv.find(header[type_at]) == std::string_view::npos) return position;
    const std::string digits(header.data() + size_at, size_digits);
    const std::uint64_t size = std::strtoull(digits.c_str(), nullptr, 8);
    if (size > archive.size()) return std::nullopt;
    position += (size + block - 1) / block * block;
  }
  return std::nullopt;
}

TarWriter::TarWriter(const std::string& path)
    : file_(path),
      writer_(archive_module().write([this](std::string_view bytes) { file_.write(bytes); })) {}

TarWriter::~TarWriter() = default;

void TarWriter::add(const std::string& name, std::string_view bytes) { writer_->add(name, bytes); }

void TarWriter::commit() {
  writer_->finish();
  file_.commit();
}

}  // namespace diffusion
