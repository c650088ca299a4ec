// Weights in folders of diffusers: variants, shards, and what lies in their place.
#include "lib/models/folder_weights.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/tensor/formats/safetensors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
namespace fs = std::filesystem;

namespace {

const std::string stem = "diffusion_pytorch_model";

void write(const std::string& path, const std::vector<std::string>& names, float value) {
  const std::vector<float> values{value, value + 1};
  std::vector<SafetensorsArray> arrays;
  for (const std::string& name : names) arrays.push_back(safetensors_array(name, {2}, values));
  write_safetensors(path, arrays);
}

std::string found(const std::string& folder, const std::string& variant) {
  return fs::path(find_folder_weights(folder, variant)).filename().string();
}

std::string index(const std::string& a, const std::string& b) {
  return R"({"metadata": {"total_size": 16}, "weight_map": {"a": ")" + a + R"(", "b": ")" + b +
         "\"}}";
}

std::string refusal(const std::string& path) {
  try {
    open_folder_weights(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "sound";
}

}  // namespace

TEST_CASE("a folder's weights are the plain ones, or the only variant", "[models]") {
  const test::Scratch scratch;
  const std::string folder = scratch / "";
  CHECK_THROWS_WITH(find_folder_weights(folder, ""),
                    Contains("has neither " + stem + ".safetensors nor " + stem + ".bin"));
  write_file(scratch / (stem + ".fp16.bin"), "");
  write_file(scratch / (stem + ".fp16-00001-of-00002.safetensors"), "");  // a part of no set
  CHECK(found(folder, "") == stem + ".fp16.bin");
  write_file(scratch / (stem + ".safetensors.index.fp16.json"), "");
  CHECK(found(folder, "fp16") == stem + ".safetensors.index.fp16.json");
  write_file(scratch / (stem + ".fp16.safetensors"), "");
  CHECK(found(folder, "") == stem + ".fp16.safetensors");
  CHECK_THROWS_WITH(find_folder_weights(folder, "bf16"),
                    Contains("no weights 'bf16' (have: fp16)"));
  write_file(scratch / (stem + ".non_ema.safetensors"), "");
  CHECK_THROWS_WITH(find_folder_weights(folder, ""),
                    Contains("has the weights fp16, non_ema; say"));
  write_file(scratch / (stem + ".safetensors.index.json"), "");
  CHECK(found(folder, "") == stem + ".safetensors.index.json");
  write_file(scratch / (stem + ".safetensors"), "");
  CHECK(found(folder, "") == stem + ".safetensors");
  CHECK(found(folder, "non_ema") == stem + ".non_ema.safetensors");
}

TEST_CASE("shards hold together what their index says", "[models]") {
  const test::Scratch scratch;
  const std::string path = scratch / "w.index.json";
  write(scratch / "1.safetensors", {"a"}, 1);
  write(scratch / "2.safetensors", {"b"}, 5);
  write_file(path, index("1.safetensors", "2.safetensors"));
  const auto tensors = open_folder_weights(path);
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[0].name == "a");
  CHECK(tensors[0].values() == std::vector<float>{1, 2});
  CHECK(tensors[1].values() == std::vector<float>{5, 6});

  write_file(path, index("1.safetensors", "1.safetensors"));
  CHECK_THAT(refusal(path), EndsWith("says that 'b' is in 1.safetensors, which has it not"));
  write(scratch / "2.safetensors", {"a", "b"}, 5);
  write_file(path, index("1.safetensors", "2.safetensors"));
  CHECK_THAT(refusal(path), Contains("2.safetensors: has the array 'a', which"));
  write_file(path, index("../1.safetensors", "2.safetensors"));
  CHECK_THAT(refusal(path), Contains("weight_map.a: must be the name of a file beside it"));
  write_file(path, index("0.safetensors", "2.safetensors"));
  CHECK_THAT(refusal(path), Contains("0.safetensors: cannot be"));
  write_file(path, "{}");
  CHECK_THAT(refusal(path), Contains("weight_map"));
}

TEST_CASE("what lies in the place of weights is called by its name", "[models]") {
  const test::Scratch scratch;
  const std::string path = scratch / "w.safetensors";
  const std::string lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n";
  write_file(path, lfs);
  CHECK_THAT(refusal(path), Contains("w.safetensors: is a Git LFS pointer"));
  CHECK_THROWS_WITH(SafetensorsFile(path), Contains("is a Git LFS pointer"));
  write_file(path, "\n <!DOCTYPE HTML><p>404");
  CHECK_THAT(refusal(path), Contains("is an HTML page"));
  write_file(scratch / "w.index.json", lfs);
  CHECK_THAT(refusal(scratch / "w.index.json"), Contains("is a Git LFS pointer"));
  write_file(path, "plain text");
  CHECK_THAT(refusal(path), Contains("is text, not weights"));
}
