// The floor of noising a folder: an OpenImageIO pass with as many threads that reads the
// clean PNG files and writes the noisy pixels, at diff-noise's settings.
// bench-pictures CLEAN NOISY OUT: both folders hold the same names; NOISY, as diff-noise
// made it, is read into memory before the clock starts. Prints seconds.
#include <OpenImageIO/imageio.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Pixels {
  OIIO::ImageSpec spec;
  std::vector<unsigned char> samples;
};

Pixels read(const fs::path& path) {
  const auto input = OIIO::ImageInput::open(path.string());
  if (!input) std::exit((std::fprintf(stderr, "%s: can't be read\n", path.c_str()), 2));
  Pixels pixels{input->spec(), {}};
  pixels.samples.resize(pixels.spec.image_pixels() * std::size_t(pixels.spec.nchannels));
  input->read_image(0, 0, 0, -1, OIIO::TypeUInt8, pixels.samples.data());
  return pixels;
}

void write(const fs::path& path, const Pixels& pixels) {
  OIIO::ImageSpec spec(pixels.spec.width, pixels.spec.height, pixels.spec.nchannels,
                       OIIO::TypeUInt8);
  spec["png:compressionLevel"] = 1;
  spec["Compression"] = "huffman";
  spec["png:filter"] = 8;
  const auto output = OIIO::ImageOutput::create("png");
  output->open(path.string(), spec);
  output->write_image(OIIO::TypeUInt8, pixels.samples.data());
  output->close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: bench-pictures CLEAN NOISY OUT\n"), 2;
  const fs::path clean = argv[1], noisy = argv[2], out = argv[3];
  OIIO::attribute("threads", 1);
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(clean)) names.push_back(entry.path().filename());
  std::vector<Pixels> ready;
  for (const auto& name : names) ready.push_back(read(noisy / name));
  fs::create_directories(out);

  const auto start = std::chrono::steady_clock::now();
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < names.size(); ++i) {
    read(clean / names[i]);
    write(out / names[i], ready[i]);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::printf("%.3f\n", taken.count());
}
