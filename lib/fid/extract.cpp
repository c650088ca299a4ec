#include "lib/fid/extract.hpp"

#include <algorithm>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

/// Enough for every thread to have several images to decode, and two of the groups
/// that extractors work in.
std::size_t batch_size() { return std::max<std::size_t>(64, 32 * std::size_t(threads())); }

/// One image on its way: prepared, or why not.
struct Slot {
  std::optional<Tensor> prepared;
  std::string failure;
};

std::vector<ImageEntry> next_entries(ImageSet& images) {
  std::vector<ImageEntry> entries;
  for (const std::size_t batch = batch_size(); entries.size() < batch;) {
    std::optional<ImageEntry> entry = images.next();
    if (!entry) break;
    entries.push_back(std::move(*entry));
  }
  return entries;
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
         describe(expected) + " (make them alike with --size or --gray)";
}

}  // namespace

ExtractionCount extract_features(ImageSet& images, const FeatureExtractor& extractor,
                                 const ExtractionHooks& hooks) {
  ExtractionCount count;
  std::optional<Shape> shape;  // of the first image
  for (;;) {
    stop_if_interrupted();
    const std::vector<ImageEntry> entries = next_entries(images);
    if (entries.empty()) return count;
    std::vector<Slot> slots(entries.size());
    parallel_for(entries.size(),
                 [&](std::size_t i) { slots[i] = prepare(entries[i], extractor, hooks.folder); });
    std::vector<Tensor> ready;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      Slot& slot = slots[i];
      if (slot.prepared && !shape) shape = slot.prepared->shape();
      if (slot.prepared && slot.prepared->shape() != *shape)
        slot.failure = other_shape(hooks.folder + entries[i].name, *slot.prepared, *shape);
      if (slot.failure.empty()) {
        ready.push_back(std::move(*slot.prepared));
        hooks.name(entries[i].name);
      } else {
        hooks.complain(slot.failure);
      }
    }
    if (!ready.empty()) hooks.take(extractor.run(ready, hooks.wanted));
    count.done += ready.size();
    count.failed += slots.size() - ready.size();
    hooks.progress(count.done + count.failed);
  }
}

}  // namespace diffusion
