#include "lib/fid/features/extract.hpp"

#include <algorithm>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

/// Enough for every thread to have several images to decode, in whole pieces.
std::size_t batch_size(const FeatureExtractor& extractor) {
  const std::size_t piece = std::max<std::size_t>(1, extractor.piece);
  return (std::max<std::size_t>(32, 16 * std::size_t(threads())) + piece - 1) / piece * piece;
}

/// One image on its way: prepared, or why not.
struct Slot {
  std::optional<Tensor> prepared;
  std::string failure;
};

/// Images that go through each stage together, in the order of the set.
struct EntryBatch {
  std::vector<ImageEntry> entries;
  std::vector<Slot> slots;
  std::vector<Tensor> ready;  // the prepared ones
};

EntryBatch next_batch(ImageSet& images, std::size_t most) {
  EntryBatch batch;
  while (batch.entries.size() < most) {
    std::optional<ImageEntry> entry = images.next();
    if (!entry) break;
    if (entry->damage) entry->load();  // throws: a part of a set is no set
    batch.entries.push_back(std::move(*entry));
  }
  batch.slots.resize(batch.entries.size());
  return batch;
}

Slot prepare(const ImageEntry& entry, const FeatureExtractor& extractor,
             const std::string& folder) {
  Slot slot;
  std::optional<Image> image;
  try {
    image = entry.load();  // its errors name the file
  } catch (const Error& e) {
    slot.failure = e.what();
    return slot;
  }
  try {
    slot.prepared = extractor.prepare(*image);
  } catch (const Error& e) {
    slot.failure = folder + entry.name + ": " + e.what();
  }
  return slot;
}

std::string other_shape(const std::string& name, const Tensor& image, const Shape& expected) {
  return name + ": " + describe(image.shape()) + " where the images before are " +
         describe(expected) + " (make them alike with `size` or `gray`)";
}

/// Parts of a batch that threads run the network on, and the rows of each; or a device does.
class Pieces {
 public:
  Pieces(const FeatureExtractor& extractor, const std::vector<FeatureKind>& wanted,
         std::span<const Tensor> images)
      : extractor_(extractor), wanted_(wanted), images_(images), each_(images.size()) {
    if (extractor.begin && !images.empty()) on_device_ = extractor.begin(images, wanted);
    if (extractor.begin) return;
    const std::size_t fair = std::max<std::size_t>(1, images.size() / std::size_t(threads()));
    if (extractor.piece > 0) each_ = std::min(extractor.piece, fair);
    if (!images.empty()) rows_.resize((images.size() + each_ - 1) / each_);
  }

  std::size_t count() const { return rows_.size(); }
  void run(std::size_t piece) {
    const std::size_t first = piece * each_;
    rows_[piece] =
        extractor_.run(images_.subspan(first, std::min(each_, images_.size() - first)), wanted_);
  }
  /// n x d for each of what was wanted.
  std::vector<Tensor> joined() && {
    if (on_device_) return on_device_();
    if (rows_.size() == 1) return std::move(rows_[0]);
    std::vector<Tensor> all;
    for (std::size_t k = 0; k < wanted_.size(); ++k) {
      Tensor& rows = all.emplace_back(Shape{images_.size(), rows_[0][k].shape()[1]});
      float* to = rows.data();
      for (const std::vector<Tensor>& piece : rows_)
        to = std::copy(piece[k].begin(), piece[k].end(), to);
    }
    return all;
  }

 private:
  const FeatureExtractor& extractor_;
  const std::vector<FeatureKind>& wanted_;
  std::span<const Tensor> images_;
  std::size_t each_;
  std::vector<std::vector<Tensor>> rows_;
  std::function<FeatureRows()> on_device_;
};

/// Tells which images of a batch have features, and why others have none.
class Sorter {
 public:
  explicit Sorter(const ExtractionHooks& hooks) : hooks_(hooks) {}

  void sort(EntryBatch& batch) {
    for (std::size_t i = 0; i < batch.slots.size(); ++i) {
      Slot& slot = batch.slots[i];
      const std::string& name = batch.entries[i].name;
      if (slot.prepared && !shape_) shape_ = slot.prepared->shape();
      if (slot.prepared && slot.prepared->shape() != *shape_)
        slot.failure = other_shape(hooks_.folder + name, *slot.prepared, *shape_);
      if (slot.failure.empty()) {
        batch.ready.push_back(std::move(*slot.prepared));
        hooks_.name(name);
      } else {
        hooks_.complain(slot.failure);
      }
    }
  }

 private:
  const ExtractionHooks& hooks_;
  std::optional<Shape> shape_;  // of the first image
};

}  // namespace

ExtractionCount extract_features(ImageSet& images, const FeatureExtractor& extractor,
                                 const ExtractionHooks& hooks) {
  ExtractionCount count;
  Sorter sorter(hooks);
  EntryBatch batch;  // whose images are prepared; none at first
  for (;;) {
    stop_if_interrupted();
    Pieces pieces(extractor, hooks.wanted, batch.ready);
    EntryBatch next = next_batch(images, batch_size(extractor));
    if (batch.entries.empty() && next.entries.empty()) return count;
    // The network's pieces first: small work comes last, so that no thread waits long.
    parallel_for(pieces.count() + next.entries.size(), [&](std::size_t i) {
      if (i < pieces.count()) return pieces.run(i);
      const std::size_t entry = i - pieces.count();
      next.slots[entry] = prepare(next.entries[entry], extractor, hooks.folder);
    });
    if (!batch.ready.empty()) hooks.take(std::move(pieces).joined());
    count.done += batch.ready.size();
    count.failed += batch.slots.size() - batch.ready.size();
    if (!batch.entries.empty()) hooks.progress(count.done + count.failed);
    batch = std::move(next);
    sorter.sort(batch);
  }
}

}  // namespace diffusion
