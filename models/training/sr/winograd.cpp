// Winograd's convolutions F(4x4, 3x3) (Lavin and Gray 2016, arXiv:1509.09308) and their gradient by the weights.
//
// Pictures are NHWC float32. A tile is 4x4 of the output and the 6x6 of the input that it sees; in the transformed
// domain its 36 places are independent, so that a convolution is 36 products of matrices, tiles x C by C x K: a
// quarter of the arithmetic. Tiles are taken by blocks that stay in the caches of a core.

#include <ATen/Parallel.h>
#include <torch/extension.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace {

constexpr int64_t PLACES = 36, OUT = 4, IN = 6, LANES = 8;
typedef float Lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

Lanes load(const float* from) { return *reinterpret_cast<const Lanes*>(from); }
void store(float* to, Lanes value) { *reinterpret_cast<Lanes*>(to) = value; }

/// Floats from one place of a block to the next, (tiles, channels). A line more than they need: by whole powers of two,
/// all 36 would compete for the same lines of the cache (which took the transforms a quarter longer).
int64_t pitch(int64_t tiles, int64_t channels) { return tiles * channels + 16; }

/// How a picture is cut into tiles.
struct Tiling {
  int64_t pictures, height, width, down, across;

  /// Of pictures whose output has this size.
  Tiling(int64_t n, int64_t h, int64_t w)
      : pictures(n), height(h), width(w), down((h + OUT - 1) / OUT), across((w + OUT - 1) / OUT) {}
  int64_t count() const { return pictures * down * across; }
  void place(int64_t tile, int64_t& picture, int64_t& y, int64_t& x) const {
    x = tile % across * OUT;
    y = tile / across % down * OUT;
    picture = tile / across / down;
  }
};

/// `to[6]` = B^T `d[6]`.
const auto transform_input = [](const Lanes d[IN], Lanes to[IN]) {
  const Lanes even = d[4] - 4.f * d[2], odd = d[3] - 4.f * d[1], near = d[4] - d[2], far = 2.f * (d[3] - d[1]);
  to[0] = 4.f * d[0] - 5.f * d[2] + d[4];
  to[1] = even + odd;
  to[2] = even - odd;
  to[3] = near + far;
  to[4] = near - far;
  to[5] = 4.f * d[1] - 5.f * d[3] + d[5];
};

/// `to[4]` = A^T `m[6]`.
const auto transform_output = [](const Lanes m[IN], Lanes to[OUT]) {
  const Lanes sum = m[1] + m[2], difference = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  to[0] = m[0] + sum + sum2;
  to[1] = difference + 2.f * difference2;
  to[2] = sum + 4.f * sum2;
  to[3] = difference + 8.f * difference2 + m[5];
};

/// `to[6]` = A `g[4]`: the gradient by what `transform_output` was given.
const auto transform_gradient = [](const Lanes g[OUT], Lanes to[IN]) {
  const Lanes even = g[0] + g[2], odd = g[1] + g[3], even2 = g[0] + 4.f * g[2], odd2 = 2.f * g[1] + 8.f * g[3];
  to[0] = g[0];
  to[1] = even + odd;
  to[2] = even - odd;
  to[3] = even2 + odd2;
  to[4] = even2 - odd2;
  to[5] = g[3];
};

/// Apply a transform of `A` values to `B` values along both axes.
template <int64_t A, int64_t B, typename Transform>
inline void both_axes(const Lanes from[A][A], Lanes to[B][B], Transform transform) {
  Lanes half[A][B];
  for (int64_t row = 0; row < A; row++) transform(from[row], half[row]);
  for (int64_t column = 0; column < B; column++) {
    Lanes line[A], done[B];
    for (int64_t row = 0; row < A; row++) line[row] = half[row][column];
    transform(line, done);
    for (int64_t row = 0; row < B; row++) to[row][column] = done[row];
  }
}

/// A picture to read tiles from. Where `clipped`, an output of a clipped convolution, is 0 or 1, no gradient passes.
/// (PyTorch lets it pass where the value was 0 or 1 before the clip too, to the last bit.)
struct Source {
  const float *values, *clipped;
  int64_t height, width, channels;

  Source(const at::Tensor& picture, const at::Tensor* output = nullptr)
      : values(picture.data_ptr<float>()), clipped(output ? output->data_ptr<float>() : nullptr),
        height(picture.size(1)), width(picture.size(2)), channels(picture.size(3)) {
    TORCH_CHECK(picture.is_contiguous() && (!output || output->is_contiguous()), "Expected contiguous pictures");
    TORCH_CHECK(!output || output->sizes() == picture.sizes(), "Expected a gradient of the output's size");
  }
  /// Eight channels of SIDE x SIDE pixels from (top, left) on. Beyond the picture lie zeros.
  template <int64_t SIDE>
  void read(int64_t n, int64_t top, int64_t left, int64_t channel, Lanes pixels[SIDE][SIDE]) const {
    const bool inside = top >= 0 && top + SIDE <= height && left >= 0 && left + SIDE <= width;
    const int64_t corner = ((n * height + top) * width + left) * channels + channel;
    for (int64_t y = 0; y < SIDE; y++)
      for (int64_t x = 0; x < SIDE; x++) {
        const bool known = inside || (top + y >= 0 && top + y < height && left + x >= 0 && left + x < width);
        pixels[y][x] = known ? read_one(corner + (y * width + x) * channels) : Lanes{};
      }
  }

 private:
  Lanes read_one(int64_t place) const {
    const Lanes value = load(values + place);
    if (!clipped) return value;
    const Lanes output = load(clipped + place);
    return output > 0.f && output < 1.f ? value : Lanes{};
  }
};

/// Transform a block of tiles of `SIDE` x `SIDE` pixels into `to`, (36, tiles, channels).
template <int64_t SIDE, typename Transform>
void transform_block(const Source& source, int64_t padding, const Tiling& tiling, int64_t first, int64_t tiles,
                     float* to, Transform transform) {
  for (int64_t tile = 0; tile < tiles; tile++) {
    int64_t n, top, left;
    tiling.place(first + tile, n, top, left);
    for (int64_t channel = 0; channel < source.channels; channel += LANES) {
      Lanes pixels[SIDE][SIDE], places[IN][IN];
      source.read<SIDE>(n, top - padding, left - padding, channel, pixels);
      both_axes<SIDE, IN>(pixels, places, transform);
      for (int64_t place = 0; place < PLACES; place++)
        store(to + place * pitch(tiles, source.channels) + tile * source.channels + channel, places[place / IN][place % IN]);
    }
  }
}

/// A matrix in memory: how far it is from one row, and from one column, to the next.
struct Matrix {
  const float* values;
  int64_t row, column;
};

/// `c` (rows, k) = or += `a` (rows, depth) times `b` (depth, k), ROWS rows and 16 columns at a time, in registers.
template <int64_t ROWS>
inline void multiply_rows(Matrix a, const float* b, float* c, int64_t depth, int64_t k, bool add) {
  for (int64_t column = 0; column < k; column += 2 * LANES) {
    Lanes sums[ROWS][2] = {};
    for (int64_t row = 0; add && row < ROWS; row++)
      for (int64_t half = 0; half < 2; half++) sums[row][half] = load(c + row * k + column + half * LANES);
    for (int64_t i = 0; i < depth; i++) {
      const Lanes left = load(b + i * k + column), right = load(b + i * k + column + LANES);
#pragma GCC unroll 8
      for (int64_t row = 0; row < ROWS; row++) {
        const float factor = a.values[row * a.row + i * a.column];
        sums[row][0] += factor * left;
        sums[row][1] += factor * right;
      }
    }
    for (int64_t row = 0; row < ROWS; row++)
      for (int64_t half = 0; half < 2; half++) store(c + row * k + column + half * LANES, sums[row][half]);
  }
}

void multiply(Matrix a, const float* b, float* c, int64_t rows, int64_t depth, int64_t k, bool add) {
  int64_t row = 0;
  const auto from = [&](int64_t first) { return Matrix{a.values + first * a.row, a.row, a.column}; };
  for (; row + 6 <= rows; row += 6) multiply_rows<6>(from(row), b, c + row * k, depth, k, add);
  for (; row < rows; row++) multiply_rows<1>(from(row), b, c + row * k, depth, k, add);
}

/// Write a block's outputs, with bias, clipped to 0..1 if asked.
void write_block(const float* products, const Tiling& tiling, int64_t first, int64_t tiles, int64_t k,
                 const float* bias, bool clip, float* to) {
  for (int64_t tile = 0; tile < tiles; tile++) {
    int64_t n, top, left;
    tiling.place(first + tile, n, top, left);
    const int64_t rows = std::min(OUT, tiling.height - top), columns = std::min(OUT, tiling.width - left);
    for (int64_t channel = 0; channel < k; channel += LANES) {
      Lanes places[IN][IN], pixels[OUT][OUT];
      for (int64_t place = 0; place < PLACES; place++)
        places[place / IN][place % IN] = load(products + place * pitch(tiles, k) + tile * k + channel);
      both_axes<IN, OUT>(places, pixels, transform_output);
      for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < columns; x++) {
          Lanes value = pixels[y][x] + load(bias + channel);
          if (clip) {
            value = value < 0.f ? Lanes{} : value;
            value = value > 1.f ? Lanes{} + 1.f : value;
          }
          store(to + ((n * tiling.height + top + y) * tiling.width + left + x) * k + channel, value);
        }
    }
  }
}

constexpr int64_t CONVOLUTION_BLOCK = 24, GRADIENT_BLOCK = 48;
constexpr int64_t SUM_PLACE = 7;  // where `transform_gradient`, along both axes, puts the sum of a tile

at::Tensor convolve(const Source& source, const at::Tensor& weights, const at::Tensor& bias, const Tiling& tiling,
                    int64_t padding, bool clip) {
  const int64_t c = source.channels, k = weights.size(2);
  TORCH_CHECK(weights.is_contiguous() && bias.is_contiguous(), "Expected contiguous weights");
  TORCH_CHECK(c % (2 * LANES) == 0 && k % (2 * LANES) == 0, "Expected multiples of 16 channels");
  at::Tensor output = at::empty({tiling.pictures, tiling.height, tiling.width, k}, weights.options());
  const float *u = weights.data_ptr<float>(), *b = bias.data_ptr<float>();
  float* to = output.data_ptr<float>();
  at::parallel_for(0, tiling.count(), CONVOLUTION_BLOCK, [&](int64_t begin, int64_t end) {
    std::vector<float> places(PLACES * pitch(CONVOLUTION_BLOCK, c)), products(PLACES * pitch(CONVOLUTION_BLOCK, k));
    for (int64_t first = begin; first < end; first += CONVOLUTION_BLOCK) {
      const int64_t tiles = std::min(CONVOLUTION_BLOCK, end - first);
      transform_block<IN>(source, padding, tiling, first, tiles, places.data(), transform_input);
      for (int64_t place = 0; place < PLACES; place++)
        multiply({&places[place * pitch(tiles, c)], c, 1}, u + place * c * k, &products[place * pitch(tiles, k)], tiles, c,
                 k, false);
      write_block(products.data(), tiling, first, tiles, k, b, clip, to);
    }
  });
  return output;
}

/// `input` (N, H, W, C), `weights` (36, C, K), `bias` (K): (N, H - 2, W - 2, K). C and K are multiples of 16.
at::Tensor forward(at::Tensor input, at::Tensor weights, at::Tensor bias, bool clip) {
  const Tiling tiling(input.size(0), input.size(1) - 2, input.size(2) - 2);
  return convolve(Source(input), weights, bias, tiling, 0, clip);
}

/// The gradient by the input, (N, H + 2, W + 2, C), of `gradient` and `output`, both (N, H, W, K), and the kernels
/// turned around, (36, K, C).
at::Tensor backward_input(at::Tensor gradient, at::Tensor output, at::Tensor turned, bool clip) {
  const Tiling tiling(gradient.size(0), gradient.size(1) + 2, gradient.size(2) + 2);
  const at::Tensor no_bias = at::zeros({turned.size(2)}, turned.options());
  return convolve(Source(gradient, clip ? &output : nullptr), turned, no_bias, tiling, 2, false);
}

/// The gradients by the transformed weights, (36, C, K), and by the bias, (K), of `input` (N, H, W, C), `gradient` and
/// `output`, both (N, H - 2, W - 2, K).
std::vector<at::Tensor> backward_weights(at::Tensor input, at::Tensor gradient, at::Tensor output, bool clip) {
  const Source source(input), gradients(gradient, clip ? &output : nullptr);
  const int64_t c = source.channels, k = gradients.channels;
  const Tiling tiling(input.size(0), gradients.height, gradients.width);
  at::Tensor by_weights = at::zeros({PLACES, c, k}, input.options()), by_bias = at::zeros({k}, input.options());
  std::mutex adding;
  at::parallel_for(0, tiling.count(), GRADIENT_BLOCK, [&](int64_t begin, int64_t end) {
    std::vector<float> a(PLACES * pitch(GRADIENT_BLOCK, c)), b(PLACES * pitch(GRADIENT_BLOCK, k));
    std::vector<float> sum(PLACES * c * k), bias(k);
    for (int64_t first = begin; first < end; first += GRADIENT_BLOCK) {
      const int64_t tiles = std::min(GRADIENT_BLOCK, end - first);
      transform_block<IN>(source, 0, tiling, first, tiles, a.data(), transform_input);
      transform_block<OUT>(gradients, 0, tiling, first, tiles, b.data(), transform_gradient);
      for (int64_t place = 0; place < PLACES; place++)
        multiply({&a[place * pitch(tiles, c)], 1, c}, &b[place * pitch(tiles, k)], &sum[place * c * k], c, tiles, k, true);
      for (int64_t tile = 0; tile < tiles; tile++)
        for (int64_t i = 0; i < k; i++) bias[i] += b[SUM_PLACE * pitch(tiles, k) + tile * k + i];
    }
    const std::lock_guard<std::mutex> lock(adding);
    for (size_t i = 0; i < sum.size(); i++) by_weights.data_ptr<float>()[i] += sum[i];
    for (size_t i = 0; i < bias.size(); i++) by_bias.data_ptr<float>()[i] += bias[i];
  });
  return {by_weights, by_bias};
}

}  // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) {
  module.def("forward", &forward);
  module.def("backward_input", &backward_input);
  module.def("backward_weights", &backward_weights);
}
