#include "lib/fid/row_store.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"

namespace diffusion {
namespace {

/// $TMPDIR, or where large temporary files belong (hier(7)); /tmp may lie in memory.
std::string folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen == nullptr || *chosen == '\0' ? "/var/tmp" : chosen;
}

[[noreturn]] void fail(const std::string& what) {
  throw OutputError(folder() + ": a temporary file for features " + what + " (" + system_reason() +
                    "); TMPDIR names another folder");
}

Descriptor make_file() {
  std::string name = folder() + "/diff-fid-XXXXXX";
  Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file.open()) fail("cannot be made");
  unlink(name.c_str());
  return file;
}

constexpr std::size_t portion_bytes = 16 << 20;

}  // namespace

RowStore::~RowStore() {
  if (mapped_ != nullptr) munmap(mapped_, bytes());
}

void RowStore::append(const Tensor& rows) {
  assert(mapped_ == nullptr && rows.dimension() == 2);
  assert(count_ == 0 || dims_ == rows.shape()[1]);
  if (!file_.open()) file_ = make_file();
  const char* from = reinterpret_cast<const char*>(rows.data());
  for (std::size_t left = rows.size() * sizeof(float); left > 0;) {
    const ssize_t put = write(file_.number(), from, left);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("cannot be written");
    from += put;
    left -= std::size_t(put);
  }
  count_ += rows.shape()[0];
  dims_ = rows.shape()[1];
}

RowsView RowStore::view() {
  if (mapped_ == nullptr && bytes() > 0) {
    void* const at = mmap(nullptr, bytes(), PROT_READ, MAP_SHARED, file_.number(), 0);
    if (at == MAP_FAILED) fail("cannot be mapped");
    mapped_ = at;
  }
  return {static_cast<const float*>(mapped_), count_, dims_, dims_};
}

void sweep(const RowsView& rows, const std::function<void(const RowsView& portion)>& body) {
  const auto page_of = [page = std::uintptr_t(sysconf(_SC_PAGESIZE))](const float* at) {
    char* const byte = reinterpret_cast<char*>(const_cast<float*>(at));
    return byte - reinterpret_cast<std::uintptr_t>(byte) % page;
  };
  const std::size_t each = std::max<std::size_t>(1, portion_bytes / (rows.stride * sizeof(float)));
  for (std::size_t first = 0; first < rows.count; first += each) {
    const RowsView portion = rows.part(first, each);
    body(portion);
    char* const begin = page_of(portion.data);
    char* const end = page_of(portion.row(portion.count));
    if (end > begin) madvise(begin, std::size_t(end - begin), MADV_PAGEOUT);
  }
}

}  // namespace diffusion
