// parse.mjs FILE: prints as JSON what @huggingface/gguf sees in a GGUF file. Long arrays are told by their length.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { GGMLQuantizationType, gguf } from "@huggingface/gguf";

const longest = 64;
const file = process.argv[2];
const { metadata, tensorInfos, tensorDataOffset, littleEndian, parameterCount } = await gguf(file, {
  allowLocalFile: true,
  computeParametersCount: true,
});

const plain = (value) => {
  if (Array.isArray(value)) return value.length > longest ? { length: value.length } : value.map(plain);
  if (typeof value !== "bigint") return value;
  // JSON's numbers are exact up to here.
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
};

const said = {
  sha256: createHash("sha256").update(await readFile(file)).digest("hex"),
  littleEndian,
  metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, plain(value)])),
  tensorDataOffset: plain(tensorDataOffset),
  parameterCount,
  tensors: tensorInfos.map(({ name, shape, dtype, offset }) => ({
    name,
    dtype: GGMLQuantizationType[dtype],
    shape: shape.map(plain),
    offset: plain(offset),
  })),
};
console.log(JSON.stringify(said, null, 2));
