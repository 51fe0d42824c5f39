/** The setting by which the programs of the device mapper make nodes themselves. */
export const mapperWithoutUdev = "DM_DISABLE_UDEV=1";
