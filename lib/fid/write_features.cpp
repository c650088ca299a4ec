#include "lib/fid/write_features.hpp"

#include "lib/base/error.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

class CheckedWriter {
 public:
  explicit CheckedWriter(const std::string& path) : writer_(path) {}

  void append(const Tensor& rows, const std::string& source) {
    if (!all_finite(rows)) throw Error(source + ": holds features that are " + not_finite);
    writer_.append(rows);
  }
  void commit() { writer_.commit(); }

 private:
  FeatureWriter writer_;
};

}  // namespace

void write_features(SetReader& reader, OpenSet set, FeatureKind kind, const std::string& output) {
  if (const auto reason = reader.lacks(set, {kind, Account::rows}))
    throw Error("features: " + *reason);
  const std::string data = set.data;
  CheckedWriter writer(output);
  bool any = false;
  const auto take = [&](std::span<const Tensor> rows) {
    writer.append(rows[0], data);
    any = true;
  };
  reader.pass(std::move(set), {.kinds = {kind}, .rows = take});
  if (!any) writer.append(Tensor(Shape{0, reader.width_of(data, kind)}), data);
  reader.conclude();
  writer.commit();
}

void merge_features(ReadyRows first, std::span<const std::string> paths,
                    const std::string& output) {
  CheckedWriter writer(output);
  const std::size_t dims = first.dims();
  const auto append = [&](ReadyRows part, const std::string& path) {
    if (part.dims() != dims)
      throw Error(path + ": " + std::to_string(part.dims()) + " features where " + paths[0] +
                  " has " + std::to_string(dims));
    writer.append(Tensor(Shape{0, dims}), path);  // also where all parts are empty
    for_each_portion(part, [&](const Tensor& rows) { writer.append(rows, path); });
  };
  append(std::move(first), paths[0]);
  for (const std::string& path : paths.subspan(1)) {
    ReadySource part = open_ready(path);
    auto* const rows = std::get_if<ReadyRows>(&part);
    if (rows == nullptr)
      throw Error(path + ": holds statistics where " + paths[0] + " holds features");
    append(std::move(*rows), path);
  }
  writer.commit();
}

}  // namespace diffusion
